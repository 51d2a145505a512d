/*
 * lanesim: draws the same lane as the camera "synthetic:SEED" and writes down the
 * truth about it, as CSV, and the frames, as Y4M or PNG. For measuring and for
 * looking; no room reads what it writes.
 */
#include <argp.h>
#include <errno.h>
#include <spng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "hal/scene.h"

enum { WHOLE_FRAMES = 8 /* fewer, and nobody promises to find the plate */ };

struct seen { /* of one vehicle */
	uint64_t first, last, whole;
	int32_t widest_px;
};

struct sim {
	struct scene_wish wish;
	const char *truth, *passages, *y4m, *png;
	uint64_t every, frames;
	struct scene *scene;
	uint8_t *luma;
	struct seen *seen;
	uint32_t n_seen;
};

static _Noreturn void
give_up(const char *what, const char *name)
{
	fprintf(stderr, "lanesim: %s%s%s%s%s\n", what, name ? " '" : "", name ? name : "", name ? "': " : "",
		name ? strerror(errno) : "");
	exit(1);
}

static uint64_t
number(const char *text, uint64_t least, uint64_t most, const char *what, struct argp_state *state)
{
	char *end;
	unsigned long long v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || end == text || *text == '-' || v < least || v > most)
		argp_error(state, "%s '%s': a whole number, %llu to %llu", what, text, (unsigned long long)least,
			   (unsigned long long)most);
	return v;
}

static void
take_camera(struct sim *sim, const char *text, struct argp_state *state)
{
	const char *why, *at;

	if (strncmp(text, "synthetic:", 10) != 0)
		argp_error(state, "camera '%s': only synthetic:SEED[,option...] is drawn here", text);
	if (scene_parse(&sim->wish, text + 10, &why, &at) < 0)
		argp_error(state, "camera '%s', at '%s': %s", text, at, why);
}

static error_t
take(int key, char *text, struct argp_state *state)
{
	struct sim *sim = state->input;
	char *cross;

	switch (key) {
	case 'c': take_camera(sim, text, state); break;
	case 'n': sim->wish.vehicles = (uint32_t)number(text, 1, 1000000, "--vehicles", state); break;
	case 'f': sim->frames = number(text, 1, 1000000000, "--frames", state); break;
	case 'r': sim->wish.rate_mhz = (uint32_t)number(text, 1, 1000, "--rate", state) * 1000; break;
	case 'x': sim->wish.exposure_us = (uint32_t)number(text, 1, 1000000, "--exposure-us", state); break;
	case 'R': sim->wish.restarts = (uint32_t)number(text, 0, 1000000, "--restarts", state); break;
	case 't': sim->truth = text; break;
	case 'p': sim->passages = text; break;
	case 'y': sim->y4m = text; break;
	case 'g': sim->png = text; break;
	case 'e': sim->every = number(text, 1, 1000000000, "--every", state); break;
	case 's':
		cross = strchr(text, 'x');
		if (cross == NULL)
			argp_error(state, "--size '%s': WIDTHxHEIGHT", text);
		*cross = '\0';
		sim->wish.width_px = (uint32_t)number(text, 64, 8192, "width", state);
		sim->wish.height_px = (uint32_t)number(cross + 1, 64, 8192, "height", state);
		break;
	default: return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp_option options[] = {
	{"camera", 'c', "NAME", 0, "synthetic:SEED[,speed=KMH][,gap=MS][,day|,night][,rain|,dry]", 0},
	{"vehicles", 'n', "N", 0, "how many drive through (20)", 0},
	{"frames", 'f', "N", 0, "stop after so many frames", 0},
	{"size", 's', "WxH", 0, "frame size in pixels (1280x720)", 0},
	{"rate", 'r', "HZ", 0, "frames a second (30)", 0},
	{"exposure-us", 'x', "US", 0, "shutter time (automatic)", 0},
	{"restarts", 'R', "N", 0, "the lane as after so many restarts of capture (0)", 0},
	{"truth", 't', "FILE", 0, "CSV, a line for each frame and plate in sight", 0},
	{"passages", 'p', "FILE", 0, "CSV, a line for each vehicle", 0},
	{"y4m", 'y', "FILE", 0, "all frames, mono", 0},
	{"png", 'g', "DIR", 0, "frames as pictures", 0},
	{"every", 'e', "N", 0, "of the pictures, every Nth frame only (10)", 0},
	{0},
};

static void
write_png(const struct sim *sim, uint64_t index)
{
	struct spng_ihdr ihdr = {.width = sim->wish.width_px, .height = sim->wish.height_px, .bit_depth = 8,
				 .color_type = SPNG_COLOR_TYPE_GRAYSCALE};
	char name[4096];
	FILE *file;
	spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);

	snprintf(name, sizeof(name), "%s/%06llu.png", sim->png, (unsigned long long)index);
	file = fopen(name, "wb");
	if (file == NULL)
		give_up("cannot write", name);
	if (png == NULL || spng_set_png_file(png, file) != 0 || spng_set_ihdr(png, &ihdr) != 0 ||
	    spng_encode_image(png, sim->luma, (size_t)ihdr.width * ihdr.height, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE) != 0)
		give_up("cannot encode", name);
	spng_ctx_free(png);
	if (fclose(file) != 0)
		give_up("cannot write", name);
}

static FILE *
open_csv(const char *name, const char *head)
{
	FILE *file = name != NULL ? fopen(name, "w") : NULL;

	if (name != NULL && file == NULL)
		give_up("cannot write", name);
	if (file != NULL)
		fputs(head, file);
	return file;
}

static void
close_file(FILE *file, const char *name)
{
	if (file != NULL && (ferror(file) || fclose(file) != 0))
		give_up("cannot write", name);
}

static struct seen *
seen_of(struct sim *sim, uint32_t vehicle)
{
	if (vehicle > sim->n_seen) {
		struct seen *more = realloc(sim->seen, vehicle * sizeof(*more));

		if (more == NULL)
			give_up("out of memory", NULL);
		memset(more + sim->n_seen, 0, (vehicle - sim->n_seen) * sizeof(*more));
		sim->seen = more;
		sim->n_seen = vehicle;
	}
	return &sim->seen[vehicle - 1];
}

static void
note(struct sim *sim, FILE *csv, uint64_t index, const struct scene_truth *truth)
{
	for (uint32_t i = 0; i < truth->n; i++) {
		const struct scene_plate *p = &truth->plates[i];
		struct seen *seen = seen_of(sim, p->vehicle);

		if (p->box.w == 0)
			continue;
		if (p->visible_permille == 1000) {
			seen->first = seen->whole == 0 ? index : seen->first;
			seen->last = index;
			seen->whole++;
			seen->widest_px = p->box.w > seen->widest_px ? p->box.w : seen->widest_px;
		}
		if (csv != NULL)
			fprintf(csv, "%llu,%lld,%u,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%d,%u,%d\n", (unsigned long long)index,
				(long long)truth->at_us, p->vehicle, p->quad[0].x, p->quad[0].y, p->quad[1].x, p->quad[1].y,
				p->quad[2].x, p->quad[2].y, p->quad[3].x, p->quad[3].y, p->box.x, p->box.y, p->box.w,
				p->box.h, p->visible_permille, p->readable);
	}
}

static void
write_passages(const struct sim *sim)
{
	FILE *csv = open_csv(sim->passages, "vehicle,first_frame,last_frame,whole_frames,widest_px,shape,region,two_line,dark,"
					    "night,rain,speed_metres_per_hour,plate,readable\n");

	for (uint32_t i = 0; csv != NULL && i < sim->n_seen; i++) {
		const struct seen *s = &sim->seen[i];
		struct scene_passage p;

		scene_passage(sim->scene, i + 1, &p);
		fprintf(csv, "%u,%llu,%llu,%llu,%d,%s,%s,%d,%d,%d,%d,%u,%d,%d\n", i + 1, (unsigned long long)s->first,
			(unsigned long long)s->last, (unsigned long long)s->whole, s->widest_px, p.shape, p.region,
			p.two_line, p.dark, p.night, p.rain, p.speed_metres_per_hour, p.plate,
			p.legible && s->whole >= WHOLE_FRAMES);
	}
	close_file(csv, sim->passages);
}

static void
run(struct sim *sim)
{
	FILE *csv = open_csv(sim->truth, "frame,at_us,vehicle,x0,y0,x1,y1,x2,y2,x3,y3,x,y,w,h,visible_permille,readable\n");
	FILE *y4m = sim->y4m != NULL ? fopen(sim->y4m, "wb") : NULL;
	size_t bytes = (size_t)sim->wish.width_px * sim->wish.height_px;
	struct scene_truth truth;
	uint64_t i;

	if (sim->y4m != NULL && y4m == NULL)
		give_up("cannot write", sim->y4m);
	if (y4m != NULL)
		fprintf(y4m, "YUV4MPEG2 W%u H%u F%u:1000 Ip A1:1 Cmono\n", sim->wish.width_px, sim->wish.height_px,
			sim->wish.rate_mhz);
	for (i = 0; i < sim->frames && scene_draw(sim->scene, i, sim->luma, &truth); i++) {
		note(sim, csv, i, &truth);
		if (y4m != NULL && (fputs("FRAME\n", y4m) < 0 || fwrite(sim->luma, 1, bytes, y4m) != bytes))
			give_up("cannot write", sim->y4m);
		if (sim->png != NULL && i % sim->every == 0)
			write_png(sim, i);
		if (isatty(STDERR_FILENO) && i % 10 == 0)
			fprintf(stderr, "\rlanesim: frame %llu, vehicle %u of %u ", (unsigned long long)i, sim->n_seen,
				sim->wish.vehicles);
	}
	if (isatty(STDERR_FILENO))
		fputs("\n", stderr);
	fprintf(stderr, "lanesim: %llu frames, %u vehicles\n", (unsigned long long)i, sim->n_seen);
	close_file(csv, sim->truth);
	close_file(y4m, sim->y4m);
	write_passages(sim);
}

int
main(int argc, char **argv)
{
	static const struct argp argp = {options, take, NULL, "Draws the lane of a synthetic camera and writes the truth about it.",
					 NULL, NULL, NULL};
	struct sim sim = {.every = 10, .frames = UINT64_MAX};
	struct space work;
	const char *why, *at;

	sim.wish = (struct scene_wish){.vehicles = 20, .width_px = 1280, .height_px = 720, .rate_mhz = 30000};
	if (scene_parse(&sim.wish, "1", &why, &at) < 0)
		return 1;
	argp_parse(&argp, argc, argv, 0, NULL, &sim);
	work.n = scene_bytes(sim.wish.width_px, sim.wish.height_px);
	work.p = aligned_alloc(64, work.n);
	sim.luma = malloc((size_t)sim.wish.width_px * sim.wish.height_px);
	if (work.p == NULL || sim.luma == NULL)
		give_up("out of memory", NULL);
	if (scene_init(&sim.scene, work, &sim.wish) < 0)
		give_up("this lane cannot be drawn", NULL);
	run(&sim);
	free(sim.seen);
	free(sim.luma);
	free(work.p);
	return 0;
}
