/*
 * seal/settings.c - turns the warden's words into names, keys and numbers.
 */
#include <string.h>

#include "base/room.h"
#include "seal/settings.h"

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	CHECK(found != NULL);
	return (int)(found - digits);
}

static void
read_hex(const char *text, uint8_t *out, size_t n)
{
	CHECK(strlen(text) == 2 * n);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
}

/* An empty key is none: without any, no policy is valid, and vehicles are only counted. */
static void
read_key(struct seal_settings *s, const char *name)
{
	const char *text = room_setting_text(name);

	if (text[0] != '\0')
		read_hex(text, s->policy_keys[s->n_policy_keys++], CRYPTO_POINT_BYTES);
}

void
seal_settings_read(struct seal_settings *s)
{
	const char *unit = room_setting_text("unit");
	int64_t newest = room_setting("policy_newest");

	memset(s, 0, sizeof(*s));
	CHECK(strlen(unit) < sizeof(s->unit));
	memcpy(s->unit, unit, strlen(unit));
	CHECK(record_unit_ok(s->unit));
	read_hex(room_setting_text("firmware"), s->firmware, sizeof(s->firmware));
	read_key(s, "policy_key");
	read_key(s, "policy_key_next");
	CHECK(newest >= 0);
	s->policy_newest = (uint64_t)newest;
}
