/*
 * The part of a drawn lane's name after "synthetic:".
 */
#include "hal/scene.h"

#include <errno.h>
#include <string.h>

enum kind { NUMBER_SPEED, NUMBER_GAP, WORD_LIGHT, WORD_RAIN };

static const struct option {
	const char *name;
	enum kind kind;
	uint32_t least, most; /* of a number; a word's value is `least` */
} options[] = {
	{"speed=", NUMBER_SPEED, 1, 150}, {"gap=", NUMBER_GAP, 100, 600000},
	{"night", WORD_LIGHT, SCENE_NIGHT, 0}, {"day", WORD_LIGHT, SCENE_DAY, 0},
	{"rain", WORD_RAIN, SCENE_RAIN_ALWAYS, 0}, {"dry", WORD_RAIN, SCENE_RAIN_NEVER, 0},
};

/* Digits up to the next comma or the end. */
static int
take_number(const char **text, uint64_t most, uint64_t *value)
{
	const char *p = *text;

	*value = 0;
	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (*value > (most - digit) / 10)
			return -EINVAL;
		*value = *value * 10 + digit;
	}
	if (*p != '\0' && *p != ',')
		return -EINVAL;
	*text = p;
	return 0;
}

static int
take_option(struct scene_wish *wish, const struct option *o, const char **text, const char **why)
{
	uint64_t value;

	*text += strlen(o->name);
	switch (o->kind) {
	case WORD_LIGHT:
		wish->light = (enum scene_light)o->least;
		break;
	case WORD_RAIN:
		wish->rain = (enum scene_rain)o->least;
		break;
	case NUMBER_SPEED:
	case NUMBER_GAP:
		*why = o->kind == NUMBER_SPEED ? "speed= takes a whole number of km/h, 1 to 150"
					       : "gap= takes a whole number of milliseconds, 100 to 600000";
		if (take_number(text, o->most, &value) < 0 || value < o->least)
			return -EINVAL;
		*(o->kind == NUMBER_SPEED ? &wish->speed_kmh : &wish->gap_ms) = (uint32_t)value;
		return 0;
	}
	*why = "there is no such option; options: speed=KMH gap=MS day night rain dry";
	return **text == '\0' || **text == ',' ? 0 : -EINVAL;
}

int
scene_parse(struct scene_wish *wish, const char *text, const char **why, const char **at)
{
	int err;

	wish->speed_kmh = 25;
	wish->gap_ms = 1500;
	wish->light = SCENE_MIXED;
	wish->rain = SCENE_RAIN_SOME;
	*at = text;
	*why = "the seed is a whole number, 0 to 18446744073709551615";
	err = take_number(&text, UINT64_MAX, &wish->seed);
	while (err == 0 && *text == ',') {
		size_t i;

		*at = ++text;
		*why = "there is no such option; options: speed=KMH gap=MS day night rain dry";
		for (i = 0; i < ARRAY_SIZE(options); i++)
			if (strncmp(text, options[i].name, strlen(options[i].name)) == 0)
				break;
		err = i < ARRAY_SIZE(options) ? take_option(wish, &options[i], &text, why) : -EINVAL;
	}
	return err;
}
