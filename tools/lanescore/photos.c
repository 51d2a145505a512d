/*
 * Sequences from photographs: the picture grows from half its size to all of it,
 * as on a vehicle that comes nearer, while the camera shakes, the picture is
 * smeared now and then and its exposure wanders. One passage for each plate.
 */
#include "photos.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/picture.h"

#include "../common/file.h"
#include "../common/say.h"

enum {
	W = 1280, H = 720,
	FRAMES = 24,
	FRAME_US = 66667,
	EXPOSURE_US = 1000,
	UNIT = 1024,          /* of a pixel, and of a scale */
	FIT_PERMILLE = 970,   /* of the frame, so that it may shake */
	SHAKE_PX = 3,
	LEAST_PLATE_PX = 24,  /* at its largest */
	SMEARED_PERCENT = 30,
	SMEAR_PX = 4,
	FILE_BYTES_MAX = 64 << 20,
	LINE_BYTES = 4096,
	AROUND = 110,         /* luma beside the photograph */
};

struct photo {
	char name[LINE_BYTES];
	uint32_t n;
	struct box plates[WATCH_PLATES_MAX];
};

struct show {
	struct watch *watch;
	uint8_t *source, *frame, *spare;
	uint32_t w, h;        /* of the photograph */
	int32_t fit;          /* of its size, in UNITs, when it is nearest */
	uint64_t dice;
	int32_t light_percent;
};

static uint32_t
sample(const struct show *s, int64_t x, int64_t y)
{
	int64_t most_x = ((int64_t)s->w - 1) * UNIT - 1, most_y = ((int64_t)s->h - 1) * UNIT - 1;
	const uint8_t *p;
	uint32_t fx, fy;

	x = x < 0 ? 0 : x > most_x ? most_x : x;
	y = y < 0 ? 0 : y > most_y ? most_y : y;
	fx = (uint32_t)(x % UNIT);
	fy = (uint32_t)(y % UNIT);
	p = s->source + y / UNIT * s->w + x / UNIT;
	return ((p[0] * (UNIT - fx) + p[1] * fx) / 32 * (UNIT - fy) + (p[s->w] * (UNIT - fx) + p[s->w + 1] * fx) / 32 * fy) /
	       (UNIT * UNIT / 32);
}

/* Four samples a pixel, since it is made smaller. */
static void
draw(struct show *s, const struct box *at, int32_t scale)
{
	int64_t step = (int64_t)UNIT * UNIT / scale;

	memset(s->frame, AROUND, (size_t)W * H);
	for (int32_t y = at->y < 0 ? 0 : at->y; y < at->y + at->h && y < H; y++)
		for (int32_t x = at->x < 0 ? 0 : at->x; x < at->x + at->w && x < W; x++) {
			int64_t sx = (x - at->x) * step, sy = (y - at->y) * step;
			uint32_t sum = sample(s, sx, sy) + sample(s, sx + step / 2, sy) + sample(s, sx, sy + step / 2) +
				       sample(s, sx + step / 2, sy + step / 2);
			uint32_t luma = sum * (uint32_t)s->light_percent / 400;

			s->frame[y * W + x] = (uint8_t)(luma > 255 ? 255 : luma);
		}
}

static void
smear(struct show *s, int32_t rows)
{
	memcpy(s->spare, s->frame, (size_t)W * H);
	for (int32_t y = rows; y < H; y++)
		for (int32_t x = 0; x < W; x++) {
			uint32_t sum = 0;

			for (int32_t k = 0; k <= rows; k++)
				sum += s->spare[(y - k) * W + x];
			s->frame[y * W + x] = (uint8_t)(sum / (uint32_t)(rows + 1));
		}
}

static void
tell(const struct photo *p, const struct box *at, int32_t scale, struct watch_truth *truth)
{
	truth->n = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		const struct box *b = &p->plates[i];

		truth->plates[truth->n++] = (struct watch_plate){
			i + 1, {at->x + b->x * scale / UNIT, at->y + b->y * scale / UNIT, b->w * scale / UNIT, b->h * scale / UNIT}};
	}
}

static int32_t
shake(struct show *s)
{
	return (int32_t)watch_dice(&s->dice, 2 * SHAKE_PX + 1) - SHAKE_PX;
}

static void
drive_by(struct show *s, const struct photo *p)
{
	const struct luma luma = {s->frame, W, H, W};
	uint8_t must[WATCH_PLATES_MAX];

	watch_begin(s->watch, p->name, s->dice);
	s->light_percent = 70 + (int32_t)watch_dice(&s->dice, 60);
	for (int32_t i = 0; i < FRAMES; i++) {
		int32_t scale = s->fit / 2 + s->fit * i / (2 * (FRAMES - 1));
		struct box at = {0, 0, (int32_t)s->w * scale / UNIT, (int32_t)s->h * scale / UNIT};
		struct watch_truth truth;

		at.x = (W - at.w) / 2 + shake(s);
		at.y = (H - at.h) / 2 + shake(s);
		s->light_percent += (int32_t)watch_dice(&s->dice, 11) - 5;
		s->light_percent = s->light_percent < 50 ? 50 : s->light_percent > 150 ? 150 : s->light_percent;
		draw(s, &at, scale);
		if (watch_dice(&s->dice, 100) < SMEARED_PERCENT)
			smear(s, 1 + (int32_t)watch_dice(&s->dice, SMEAR_PX));
		tell(p, &at, scale, &truth);
		watch_frame(s->watch, &luma, (int64_t)i * FRAME_US, EXPOSURE_US, &truth);
	}
	for (uint32_t i = 0; i < p->n; i++)
		must[i] = p->plates[i].w * s->fit / UNIT >= LEAST_PLATE_PX;
	watch_end(s->watch, must, p->n);
}

static int
load(struct show *s, const char *folder, const struct photo *p)
{
	char *path = file_path(folder, p->name);
	struct picture_info info;
	struct space file;
	int32_t high;
	int err = file_load(path, FILE_BYTES_MAX, &file);

	if (err == 0) {
		err = picture_luma(SPAN(file.p, file.n), CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX,
				   SPACE(s->source, (size_t)CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX), &info);
		file_free(&file);
		if (err == 0 && (info.width_px < 2 || info.height_px < 2))
			err = -EBADMSG;
		if (err < 0)
			say_trouble("%s: %s", path, picture_why(err));
	}
	free(path);
	if (err < 0)
		return err;
	s->w = info.width_px;
	s->h = info.height_px;
	s->fit = (int32_t)(W * UNIT / s->w);
	high = (int32_t)(H * UNIT / s->h);
	s->fit = (s->fit < high ? s->fit : high) * FIT_PERMILLE / 1000;
	return 0;
}

/* One plate of a line, or none. -EBADMSG when it is no line of a gt.csv. */
static int
take_line(char *line, char name[LINE_BYTES], struct box *b)
{
	double x, y, w, h;
	char *comma = strchr(line, ',');
	unsigned int img_w, img_h;
	int n = comma ? sscanf(comma, ",%u,%u,%lf,%lf,%lf,%lf", &img_w, &img_h, &x, &y, &w, &h) : 0;

	if (n != 2 && n != 6)
		return -EBADMSG;
	*comma = '\0';
	strcpy(name, line);
	if (n == 2)
		return 0;
	*b = (struct box){(int32_t)x, (int32_t)y, (int32_t)(w + 0.5), (int32_t)(h + 0.5)};
	return 1;
}

static int
show_one(struct show *s, const struct photos_wish *wish, const char *folder, const struct photo *p, uint32_t number)
{
	int err;

	if (p->n == 0 || number % wish->every != 0 || (wish->only && strncmp(p->name, wish->only, strlen(wish->only)) != 0))
		return 0;
	err = load(s, folder, p);
	if (err == 0) {
		s->dice = wish->seed * 1000003 + number;
		drive_by(s, p);
	}
	return err;
}

static int
show_all(struct show *s, const struct photos_wish *wish, FILE *csv, const char *folder)
{
	char line[LINE_BYTES], name[LINE_BYTES];
	static struct photo p;
	struct box b;
	uint32_t number = 0;
	int got, err = 0;

	p.name[0] = '\0';
	p.n = 0;
	if (!fgets(line, sizeof(line), csv))
		return -EBADMSG;
	while (err == 0 && fgets(line, sizeof(line), csv)) {
		got = take_line(line, name, &b);
		if (got < 0) {
			say_trouble("%s: '%s' is no line of file,img_w,img_h,x,y,w,h", wish->truth, line);
			return got;
		}
		if (strcmp(name, p.name) != 0) {
			err = show_one(s, wish, folder, &p, number++);
			strcpy(p.name, name);
			p.n = 0;
		}
		if (got == 1 && p.n < WATCH_PLATES_MAX)
			p.plates[p.n++] = b;
	}
	return err < 0 ? err : show_one(s, wish, folder, &p, number);
}

int
photos_run(struct watch *w, const struct photos_wish *wish)
{
	struct show s = {.watch = w};
	FILE *csv = fopen(wish->truth, "r");
	char *folder, *slash;
	int err;

	if (!csv) {
		say_trouble("%s: %s", wish->truth, strerror(errno));
		return -ENOENT;
	}
	folder = strdup(wish->truth);
	s.source = malloc((size_t)CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX);
	s.frame = malloc((size_t)W * H);
	s.spare = malloc((size_t)W * H);
	CHECK(folder && s.source && s.frame && s.spare);
	slash = strrchr(folder, '/');
	strcpy(slash ? slash : folder, slash ? "" : ".");
	err = show_all(&s, wish, csv, folder);
	free(s.source);
	free(s.frame);
	free(s.spare);
	free(folder);
	fclose(csv);
	return err;
}
