/*
 * Learns the finder's model from photographs with plate boxes and writes it as a C
 * table. Boosted trees of three questions (real AdaBoost), several rounds, each on
 * what the model before took for a plate and is none. Seeded: the same pictures give
 * the same model with the same compiler. A tool for a developer's desk, not for a unit.
 *
 *     train_find OUT.c GT.csv...   file names are relative to each GT.csv
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/picture.h"
#include "locate/scan.h"

enum {
	FILE_BYTES_MAX = 16 << 20,
	POOL = 3000,
	SAMPLES_MAX = 220000,
	NEGATIVES_MAX = 180000,
	PER_ROUND_FEATURES = 250,
	BINS = 256,
	ROUNDS = 5,
	TRUTHS_MAX = 32,
};

static const uint32_t round_trees[ROUNDS] = {24, 48, 96, 160, 256};

struct picture {
	char path[1024];
	int careful; /* plates far away are not all annotated here */
	uint32_t n;
	struct box truth[TRUTHS_MAX];
};

static struct picture *pictures;
static uint32_t n_pictures;
static struct scan_box pool[POOL];
static uint8_t *values[POOL];
static int8_t label[SAMPLES_MAX];
static double weight[SAMPLES_MAX], margin[SAMPLES_MAX];
static uint32_t n_samples, n_negatives;
static struct scan_tree trees[SCAN_TREES_MAX];
static struct scan_model model = {0, trees};
static struct scan_size size, shape_size;
static struct scan_found found;
static struct sums sums;
static uint64_t seed = 88172645463325252ull;

static uint32_t
dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 16) % n);
}

static int
between(int low, int high)
{
	return low + (int)dice((uint32_t)(high - low + 1));
}

static void
fill_pool(void)
{
	for (int i = 0; i < POOL; i++) {
		int wide = between(1, dice(3) ? 6 : 28), high = between(1, dice(3) ? 5 : 20);
		int u = between(SCAN_U_MIN, SCAN_U_MAX - wide), v = between(SCAN_V_MIN, SCAN_V_MAX - high);

		pool[i] = (struct scan_box){(uint8_t)dice(SUMS_CHANNELS), (int8_t)u, (int8_t)v, (int8_t)(u + wide), (int8_t)(v + high)};
		values[i] = malloc(SAMPLES_MAX);
		if (!values[i])
			abort();
	}
}

static void
read_truth(const char *csv)
{
	char line[1024], folder[512], name[400];
	FILE *f = fopen(csv, "r");

	snprintf(folder, sizeof(folder), "%s", csv);
	*strrchr(folder, '/') = '\0';
	if (!f || !fgets(line, sizeof(line), f))
		exit(fprintf(stderr, "train_find: cannot read %s\n", csv) != 0);
	while (fgets(line, sizeof(line), f)) {
		double iw, ih, x, y, w, h;
		char path[1024];
		int got = sscanf(line, "%399[^,],%lf,%lf,%lf,%lf,%lf,%lf", name, &iw, &ih, &x, &y, &w, &h);

		if (name[0] == '/')
			snprintf(path, sizeof(path), "%s", name);
		else
			snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (n_pictures == 0 || strcmp(pictures[n_pictures - 1].path, path) != 0) {
			struct picture *p = &pictures[n_pictures++];

			memset(p, 0, sizeof(*p));
			snprintf(p->path, sizeof(p->path), "%s", path);
			p->careful = strncmp(name, "romania", 7) == 0;
		}
		if (got == 7 && pictures[n_pictures - 1].n < TRUTHS_MAX)
			pictures[n_pictures - 1].truth[pictures[n_pictures - 1].n++] =
				(struct box){(int)(x * 16), (int)(y * 16), (int)(w * 16), (int)(h * 16)};
	}
	fclose(f);
}

static uint8_t *
load(const char *path, uint32_t *w, uint32_t *h)
{
	static uint8_t file[FILE_BYTES_MAX];
	struct picture_info info;
	size_t room = (size_t)CONFIG_FRAME_MAX_WIDTH_PX * CONFIG_FRAME_MAX_HEIGHT_PX;
	FILE *f = fopen(path, "rb");
	uint8_t *out;
	size_t n;

	if (!f)
		return NULL;
	n = fread(file, 1, sizeof(file), f);
	(void)fclose(f);
	out = malloc(room);
	if (picture_luma(SPAN(file, n), CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX, SPACE(out, room), &info) < 0) {
		free(out);
		return NULL;
	}
	*w = info.width_px;
	*h = info.height_px;
	return out;
}

/* A variant of a picture: other size, other shape, mirrored. */
static const struct variant {
	double sx, sy;
	int mirror;
} variants[] = {{1, 1, 0}, {0.8, 0.8, 1}, {1, 1.5, 1}, {0.9, 0.7, 0}, {0.6, 0.6, 1}};

static uint8_t *
resize(const uint8_t *in, uint32_t w, uint32_t h, const struct variant *v, uint32_t *ow, uint32_t *oh)
{
	uint8_t *out;

	*ow = (uint32_t)(w * v->sx);
	*oh = (uint32_t)(h * v->sy);
	out = malloc((size_t)*ow * *oh);
	for (uint32_t y = 0; y < *oh; y++)
		for (uint32_t x = 0; x < *ow; x++) {
			double fx = ((v->mirror ? *ow - 1 - x : x) + 0.5) / v->sx - 0.5, fy = (y + 0.5) / v->sy - 0.5;
			uint32_t ix = fx < 0 ? 0 : (uint32_t)fx, iy = fy < 0 ? 0 : (uint32_t)fy;
			uint32_t jx = ix + 1 < w ? ix + 1 : ix, jy = iy + 1 < h ? iy + 1 : iy;
			double ax = fx < 0 ? 0 : fx - ix, ay = fy < 0 ? 0 : fy - iy;
			double top = in[iy * w + ix] * (1 - ax) + in[iy * w + jx] * ax;
			double low = in[jy * w + ix] * (1 - ax) + in[jy * w + jx] * ax;

			out[(size_t)y * *ow + x] = (uint8_t)(top * (1 - ay) + low * ay + 0.5);
		}
	return out;
}

static double
iou(double ax, double ay, double aw, double ah, double bx, double by, double bw, double bh)
{
	double w = fmin(ax + aw, bx + bw) - fmax(ax, bx), h = fmin(ay + ah, by + bh) - fmax(ay, by);

	return w > 0 && h > 0 ? w * h / (aw * ah + bw * bh - w * h) : 0;
}

/* Truth of this variant in pixels of the present level. */
struct dbox {
	double x, y, w, h;
};
static struct dbox truth[TRUTHS_MAX];
static uint32_t n_truth;

static double
best_iou(double x, double y, double w, double h)
{
	double best = 0;

	for (uint32_t i = 0; i < n_truth; i++)
		best = fmax(best, iou(x, y, w, h, truth[i].x, truth[i].y, truth[i].w, truth[i].h));
	return best;
}

static void
add_sample(int is_plate, int x, int y)
{
	struct scan_around a;
	size_t at = sums_at(&sums, x, y);

	if (n_samples == SAMPLES_MAX || (!is_plate && n_negatives == NEGATIVES_MAX) || !scan_look(&a, &shape_size, &sums, at))
		return;
	for (int i = 0; i < POOL; i++) {
		struct scan_place p;
		double v;
		int64_t sum;

		scan_place_set(&p, pool[i], &sums, shape_size.width_px, shape_size.height_px);
		sum = scan_sum(sums.sum[p.channel] + at, p.corner) * shape_size.around_area;
		if (p.channel == SUMS_LUMA)
			sum -= a.luma * p.area;
		v = floor(64.0 * (double)sum / ((double)a.contrast * p.area));
		if (p.channel == SUMS_LUMA)
			v = floor(v / 4) + 128;
		values[i][n_samples] = (uint8_t)fmin(fmax(v, 0), 255);
	}
	label[n_samples++] = is_plate ? 1 : -1;
	n_negatives += !is_plate;
}

static void
set_shape(int w, int shape)
{
	static const struct scan_model none = {0, NULL};

	scan_size_set(&shape_size, &none, &sums, scan_widths_px[w], scan_height_px(scan_widths_px[w], shape));
}

static void
add_plates(void)
{
	for (int w = 0; w < SCAN_WIDTHS; w++)
		for (int shape = 0; shape < SCAN_SHAPES; shape++) {
			set_shape(w, shape);
			for (uint32_t i = 0; i < n_truth; i++) {
				int W = shape_size.width_px, H = shape_size.height_px;
				double cx = truth[i].x + (truth[i].w - W) / 2, cy = truth[i].y + (truth[i].h - H) / 2;

				if (best_iou(cx, cy, W, H) < 0.62)
					continue;
				for (int k = 0; k < 1; k++) {
					int x = (int)lround(cx + (dice(1000) / 1000.0 - 0.5) * W / 10);
					int y = (int)lround(cy + (dice(1000) / 1000.0 - 0.5) * H / 5);

					if (x >= 0 && y >= 0 && x + W <= (int)sums.width_px && y + H <= (int)sums.height_px &&
					    best_iou(x, y, W, H) >= 0.58)
						add_sample(1, x, y);
				}
			}
		}
}

static void
add_random(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		int x, y;

		set_shape((int)dice(SCAN_WIDTHS), (int)dice(SCAN_SHAPES));
		if ((int)sums.width_px <= shape_size.width_px || (int)sums.height_px <= shape_size.height_px)
			continue;
		x = (int)dice(sums.width_px - (uint32_t)shape_size.width_px);
		y = (int)dice(sums.height_px - (uint32_t)shape_size.height_px);
		if (best_iou(x, y, shape_size.width_px, shape_size.height_px) < 0.3)
			add_sample(0, x, y);
	}
}

static void
add_mistaken(const struct picture *p, uint32_t most)
{
	uint32_t to = sums.shrink, wrong = 0;

	found.n = 0;
	found.floor = -2000;
	scan_level(&found, &size, &model, &sums, 100000000);
	for (uint32_t i = 0; i < found.n; i++) {
		struct box b = found.windows[i].box;
		double o = best_iou(b.x / to, b.y / to, b.w / to, b.h / to);

		if (o < 0.4 && !(p->careful && o == 0 && (found.windows[i].score > 7000 || (to <= 2 && b.w / (int)to <= 28))))
			found.windows[wrong++] = found.windows[i];
	}
	for (uint32_t i = 0; i < most && wrong > 0; i++) {
		uint32_t which = dice(wrong);
		struct box b = found.windows[which].box;

		found.windows[which] = found.windows[--wrong];
		for (int w = 0; w < SCAN_WIDTHS; w++)
			for (int shape = 0; shape < SCAN_SHAPES; shape++)
				if (scan_widths_px[w] == b.w / (int)to && scan_height_px(scan_widths_px[w], shape) == b.h / (int)to) {
					set_shape(w, shape);
					add_sample(0, b.x / (int)to, b.y / (int)to);
				}
	}
}

/* One picture in one variant: all its levels. */
static void
visit(const struct picture *p, const uint8_t *pixels, uint32_t w, uint32_t h, const struct variant *v, int round)
{
	uint32_t vw, vh;
	uint8_t *changed = resize(pixels, w, h, v, &vw, &vh);
	struct luma luma = {changed, vw, vh, vw};
	size_t n = sums_bytes(vw, vh);
	uint8_t *work = aligned_alloc(64, (n + 63) / 64 * 64);

	sums_init(&sums, SPACE(work, n), vw, vh);
	sums_begin(&sums, &luma);
	do {
		n_truth = p->n;
		for (uint32_t i = 0; i < p->n; i++) {
			double x = p->truth[i].x / 16.0, bw = p->truth[i].w / 16.0;

			if (v->mirror)
				x = w - x - bw;
			truth[i] = (struct dbox){x * v->sx / sums.shrink, p->truth[i].y / 16.0 * v->sy / sums.shrink,
						 bw * v->sx / sums.shrink, p->truth[i].h / 16.0 * v->sy / sums.shrink};
		}
		if (round == 0) {
			add_plates();
			add_random(3);
		} else {
			add_mistaken(p, round < 3 ? 8 : 16);
		}
	} while (sums_halve(&sums));
	free(work);
	free(changed);
}

static void
visit_all(int round)
{
	for (uint32_t i = 0; i < n_pictures; i++) {
		uint32_t w, h;
		uint8_t *pixels = load(pictures[i].path, &w, &h);

		if (!pixels)
			exit(fprintf(stderr, "train_find: cannot read %s\n", pictures[i].path) != 0);
		for (size_t v = 0; v < ARRAY_SIZE(variants); v++)
			if (round == 0 || v == (i + (uint32_t)round) % ARRAY_SIZE(variants) || v == 0)
				visit(&pictures[i], pixels, w, h, &variants[v], round);
		free(pixels);
	}
}

/* ---- boosting ---- */

static uint8_t node[SAMPLES_MAX]; /* 0 root; 1, 2 its children */

static double
best_split(int which, int *feature, int *bin)
{
	double best = 1e30;

	*feature = 0;
	*bin = 0;
	for (int k = 0; k < PER_ROUND_FEATURES; k++) {
		int f = (int)dice(POOL);
		double hist[2][BINS] = {{0}}, all[2] = {0}, low[2] = {0};
		const uint8_t *q = values[f];

		for (uint32_t i = 0; i < n_samples; i++)
			if (node[i] == which)
				hist[label[i] > 0][q[i]] += weight[i];
		for (int b = 0; b < BINS; b++)
			for (int c = 0; c < 2; c++)
				all[c] += hist[c][b];
		for (int b = 1; b < BINS; b++) {
			double z;

			low[0] += hist[0][b - 1];
			low[1] += hist[1][b - 1];
			z = sqrt(low[0] * low[1]) + sqrt(fmax(0, all[0] - low[0]) * fmax(0, all[1] - low[1]));
			if (z < best) {
				best = z;
				*feature = f;
				*bin = b;
			}
		}
	}
	return best;
}

static void
grow(struct scan_tree *t)
{
	int feature[3], bin[3];
	double sum[4][2] = {{0}}, total = 0;

	memset(node, 0, n_samples);
	best_split(0, &feature[0], &bin[0]);
	for (uint32_t i = 0; i < n_samples; i++)
		node[i] = (uint8_t)(1 + (values[feature[0]][i] >= bin[0]));
	best_split(1, &feature[1], &bin[1]);
	best_split(2, &feature[2], &bin[2]);
	for (int k = 0; k < 3; k++) {
		t->box[k] = pool[feature[k]];
		t->at[k] = (int16_t)(t->box[k].channel == SUMS_LUMA ? (bin[k] - 128) * 4 : bin[k]);
	}
	for (uint32_t i = 0; i < n_samples; i++) {
		int c = node[i];

		node[i] = (uint8_t)(2 * (c - 1) + (values[feature[c]][i] >= bin[c]));
		sum[node[i]][label[i] > 0] += weight[i];
		total += weight[i];
	}
	for (int k = 0; k < 4; k++) {
		double a = 0.5 * log((sum[k][1] + total * 1e-3) / (sum[k][0] + total * 1e-3));

		t->leaf[k] = (int16_t)lround(a * 1024);
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* A tenth of the windows on plates score least; a plate has better windows than those. */
static double
worth_keeping(const double *score, uint32_t n)
{
	double *sorted = malloc(n * sizeof(double)), at;

	memcpy(sorted, score, n * sizeof(double));
	qsort(sorted, n, sizeof(double), compare);
	at = sorted[n / 10];
	free(sorted);
	return at;
}

/* `stop`: what nearly all plates that end well had at that point. */
static void
set_stops(uint32_t n, double **partial, uint32_t n_plates)
{
	double ship = worth_keeping(partial[n - 1], n_plates);

	for (uint32_t t = 0; t < n; t++) {
		double *v = partial[t];
		int low = 1 << 30;
		uint32_t bad = 0, shipped = 0;
		uint32_t histogram[4096] = {0};

		for (uint32_t i = 0; i < n_plates; i++) {
			double c = fmin(fmax(v[i] + 20480, 0), 40950) / 10;

			if (partial[n - 1][i] < ship)
				continue;
			histogram[(int)c]++;
			shipped++;
		}
		for (int b = 0; b < 4096; b++) {
			bad += histogram[b];
			if (bad > shipped / 150) {
				low = b * 10 - 20480 - 10;
				break;
			}
		}
		trees[t].stop = low;
	}
}

static void
boost(uint32_t n)
{
	uint32_t n_plates = n_samples - n_negatives;
	double **partial = calloc(n, sizeof(*partial)), loss = 0;

	for (uint32_t i = 0; i < n_samples; i++)
		margin[i] = 0;
	model.n_trees = n;
	for (uint32_t t = 0; t < n; t++) {
		double sum[2] = {0};
		uint32_t at = 0;

		for (uint32_t i = 0; i < n_samples; i++) {
			weight[i] = exp(-label[i] * margin[i] / 1024);
			sum[label[i] > 0] += weight[i];
		}
		if (t == 0)
			for (uint32_t i = 0; i < n_samples; i++)
				margin[i] = 0;
		/* as many plates as other things, at the start; later the margins tell */
		for (uint32_t i = 0; i < n_samples; i++)
			weight[i] *= label[i] > 0 ? 1.0 / n_plates : 1.0 / n_negatives;
		grow(&trees[t]);
		partial[t] = malloc(n_plates * sizeof(double));
		loss = 0;
		for (uint32_t i = 0; i < n_samples; i++) {
			margin[i] += trees[t].leaf[node[i]];
			if (label[i] > 0)
				partial[t][at++] = margin[i];
			loss += label[i] * margin[i] <= 0;
		}
	}
	set_stops(n, partial, n_plates);
	for (uint32_t t = 0; t < n; t++)
		free(partial[t]);
	free(partial);
	fprintf(stderr, "trees %u, samples %u, plates %u, wrong %.4f\n", n, n_samples, n_plates, loss / n_samples);
}

static void
write_model(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(fprintf(stderr, "train_find: cannot write %s\n", path) != 0);
	fprintf(f, "/*\n * What the finder has learnt. Written by tools/train/train_find.c; do not edit.\n */\n"
		   "#include \"locate/scan.h\"\n\n/* clang-format off */\nstatic const struct scan_tree trees[] = {\n");
	for (uint32_t t = 0; t < model.n_trees; t++) {
		const struct scan_tree *r = &trees[t];

		fprintf(f, "\t{{");
		for (int k = 0; k < 3; k++)
			fprintf(f, "{%d, %d, %d, %d, %d}%s", r->box[k].channel, r->box[k].u0, r->box[k].v0, r->box[k].u1, r->box[k].v1,
				k < 2 ? ", " : "");
		fprintf(f, "}, {%d, %d, %d}, {%d, %d, %d, %d}, %d},\n", r->at[0], r->at[1], r->at[2], r->leaf[0], r->leaf[1],
			r->leaf[2], r->leaf[3], r->stop);
	}
	fprintf(f, "};\n/* clang-format on */\n\nconst struct scan_model scan_model = {ARRAY_SIZE(trees), trees};\n");
	fclose(f);
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		return fprintf(stderr, "usage: train_find OUT.c GT.csv...\n") != 0;
	pictures = calloc(20000, sizeof(*pictures));
	for (int i = 2; i < argc; i++)
		read_truth(argv[i]);
	fill_pool();
	for (int round = 0; round < ROUNDS; round++) {
		visit_all(round);
		fprintf(stderr, "round %d: ", round);
		boost(round_trees[round]);
		write_model(argv[1]);
	}
	return 0;
}
