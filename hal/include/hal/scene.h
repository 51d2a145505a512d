/*
 * hal/scene.h - a drawn lane: vehicles with number plates drive towards a camera.
 *
 * scene_parse -> scene_bytes -> scene_init -> scene_draw ... No heap, no files, no
 * clock: the same wish gives the same bytes on every machine. The camera
 * "synthetic:" and the tool lanesim share it; no room sees the truth.
 *
 * The world in metres: the camera 1.9 m over the road, a lane to its right,
 * plates grow from about 40 to about 230 pixels on a frame 1280 wide.
 */
#ifndef HAL_SCENE_H
#define HAL_SCENE_H

#include "base/base.h"

enum scene_light { SCENE_MIXED, SCENE_DAY, SCENE_NIGHT };
enum scene_rain { SCENE_RAIN_SOME, SCENE_RAIN_ALWAYS, SCENE_RAIN_NEVER };

struct scene_wish {
	uint64_t seed;
	uint32_t restarts;          /* another part of the same lane */
	uint32_t vehicles;          /* 0: without end */
	uint32_t width_px, height_px;
	uint32_t rate_mhz;          /* frames a second x 1000 */
	uint32_t exposure_us;       /* 0: automatic, 500 by day and 1500 by night */
	uint32_t speed_kmh;         /* 1..150, typical 25; each vehicle a little different */
	uint32_t gap_ms;            /* 100..600000, typical 1500: from one's rear to the next one's front */
	enum scene_light light;     /* mixed: ten vehicles by day, ten by night */
	enum scene_rain rain;       /* some: the last three of every ten */
};

/*
 * Reads "SEED[,speed=KMH][,gap=MS][,night|,day][,rain|,dry]" into the fields it
 * speaks of and sets the typical values of the others it could speak of.
 * Returns 0 or -EINVAL and sets *why to a sentence and *at to where in `text`.
 */
int scene_parse(struct scene_wish *wish, const char *text, const char **why, const char **at) MUST_CHECK;

enum { SCENE_PLATES_MAX = 8 };

struct scene_plate {
	uint32_t vehicle;           /* from 1 */
	struct point_px { int32_t x, y; } quad[4]; /* clockwise from the number's top left, may be outside the frame */
	struct box box;             /* around the quad, cut to the frame; empty when out of sight or when there is no plate */
	uint32_t visible_permille;  /* inside the frame and not behind another vehicle */
	uint8_t readable;           /* 0: too dirty for anybody */
	struct box windscreen;      /* where the canary is, cut to the frame; empty when out of sight */
};

struct scene_truth {
	int64_t at_us;              /* since the first frame */
	uint32_t n;
	struct scene_plate plates[SCENE_PLATES_MAX]; /* one for each vehicle near the lane, far ones first */
};

struct scene_passage {
	uint32_t vehicle;
	const char *shape, *region;
	uint8_t two_line, dark, night, rain, legible, plate; /* plate 0: it has none */
	uint32_t speed_metres_per_hour;
};

struct scene;

/* Memory for frames of this size; 0 when the size is no size (16..8192). */
size_t scene_bytes(uint32_t width_px, uint32_t height_px);
/* `work` is 64-byte aligned; *s lies inside it. -EINVAL when the wish cannot be met. */
int scene_init(struct scene **s, struct space work, const struct scene_wish *wish) MUST_CHECK;
/*
 * Draws frame `index` as 8-bit luma, width_px bytes a row. `truth` may be NULL.
 * Fastest when indices come in order. Returns 1, or 0 when the last vehicle is gone.
 */
int scene_draw(struct scene *s, uint64_t index, uint8_t *luma, struct scene_truth *truth) MUST_CHECK;
/* What was decided about a vehicle (from 1). */
void scene_passage(const struct scene *s, uint32_t vehicle, struct scene_passage *passage);
/* How many vehicles' fronts have come nearer than so many metres, in the last drawn frame. */
uint32_t scene_nearer(const struct scene *s, uint32_t metres);
/* Exposure and gain of the last drawn frame, for its message. */
void scene_exposure(const struct scene *s, uint32_t *exposure_us, uint32_t *gain_milli);

#endif
