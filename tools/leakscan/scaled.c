/*
 * The search by correlation. Two steps: at every place the signs of the
 * differences between neighbouring cells are counted that are as in the row, for
 * many places at once; only where enough agree is the correlation computed.
 * For small scales the buffer is enlarged, for large ones reduced, so that a cell
 * is always 3 to 6 samples.
 */
#include "scaled.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ONE = 256, /* a sample, in the unit of steps */
	STEP_LEAST = 3 * ONE,
	STEP_MOST = 6 * ONE,
	STEP_GROWTH = 50, /* each step is 1/50 more than the one before */
	OCTAVES = 4,      /* two, one, a half, a quarter sample a byte */
	OVERLAP = SCALED_CELLS * 24 + 2,
	SAMPLES_MAX = 2 * (SCALED_PIECE_BYTES + OVERLAP),
	TELLING_LEAST = 20, /* differences that a row must have */
	TELLING_MOST = 32,
	WRONG_ONE_IN = 5, /* of the differences that may have the wrong sign */
};

struct row {
	double centred[SCALED_CELLS]; /* mean 0, sum of squares 1 */
	struct {
		uint8_t cell, rises; /* this cell against the one before it */
	} telling[TELLING_MOST];
	size_t n_telling;
};

struct scaled {
	size_t n;
	struct row rows[SCALED_ROWS_MAX];
	size_t n_samples;
	uint8_t samples[SAMPLES_MAX];
	uint32_t sums[SAMPLES_MAX + 1], cells[SAMPLES_MAX];
	uint8_t rises
	    [2][SAMPLES_MAX]; /* whether the cell that begins floor(step) or one more further on is lighter */
	int8_t agree[SAMPLES_MAX];
};

struct scaled *
scaled_new(void)
{
	return calloc(1, sizeof(struct scaled));
}

void
scaled_free(struct scaled *s)
{
	free(s);
}

/* Mean 0 and length 1; 0 when there is nothing but one value. */
static int
centre(double out[SCALED_CELLS], const double in[SCALED_CELLS])
{
	double mean = 0, squares = 0;

	for (int i = 0; i < SCALED_CELLS; i++)
		mean += in[i] / SCALED_CELLS;
	for (int i = 0; i < SCALED_CELLS; i++)
		squares += (in[i] - mean) * (in[i] - mean);
	if (squares < SCALED_CELLS) /* a spread of one grey value is flat */
		return 0;
	for (int i = 0; i < SCALED_CELLS; i++)
		out[i] = (in[i] - mean) / sqrt(squares);
	return 1;
}

static int
step_between(const uint8_t cells[SCALED_CELLS], int j)
{
	return abs(cells[j] - cells[j - 1]);
}

/* The largest differences, none below 8 grey values. */
static void
choose_telling(struct row *row, const uint8_t cells[SCALED_CELLS])
{
	for (int least = 255; least >= 8; least--)
		for (int j = 1; j < SCALED_CELLS && row->n_telling < TELLING_MOST; j++)
			if (step_between(cells, j) == least) {
				row->telling[row->n_telling].cell = (uint8_t)j;
				row->telling[row->n_telling++].rises = cells[j] > cells[j - 1];
			}
}

int
scaled_add(struct scaled *s, const uint8_t cells[SCALED_CELLS])
{
	struct row *row = &s->rows[s->n];
	double values[SCALED_CELLS];

	if (s->n == SCALED_ROWS_MAX)
		return -ENOSPC;
	memset(row, 0, sizeof(*row));
	for (int i = 0; i < SCALED_CELLS; i++)
		values[i] = cells[i];
	choose_telling(row, cells);
	if (!centre(row->centred, values) || row->n_telling < TELLING_LEAST)
		return 1;
	s->n++;
	return 0;
}

/* Sum of the samples before place `at`, times ONE. */
static uint32_t
sum_before(const struct scaled *s, uint32_t at)
{
	return s->sums[at / ONE] * ONE + s->samples[at / ONE] * (at % ONE);
}

static int
correlates(const struct scaled *s, const struct row *row, uint32_t from, uint32_t step)
{
	double values[SCALED_CELLS], centred[SCALED_CELLS], sum = 0;
	uint32_t before = sum_before(s, from * ONE);

	for (uint32_t i = 0; i < SCALED_CELLS; i++) {
		uint32_t next = sum_before(s, from * ONE + (i + 1) * step);

		values[i] = (double)(next - before) / step;
		before = next;
	}
	if (!centre(centred, values))
		return 0;
	for (int i = 0; i < SCALED_CELLS; i++)
		sum += centred[i] * row->centred[i];
	return fabs(sum) * 100 >= SCALED_SURE_PERCENT;
}

/* One octave of the piece: its samples and their prefix sums. */
static void
sample(struct scaled *s, const uint8_t *p, size_t n, int octave)
{
	size_t m = octave == 0 ? 2 * (n - 1) : n >> (octave - 1);

	for (size_t i = 0; i < m; i++) {
		uint32_t sum = 0;

		if (octave == 0)
			sum = (uint32_t)(p[i / 2] + p[(i + 1) / 2]) / 2;
		for (size_t k = 0; octave > 0 && k < (size_t)1 << (octave - 1); k++)
			sum += p[(i << (octave - 1)) + k];
		s->samples[i] = (uint8_t)(octave > 1 ? sum >> (octave - 1) : sum);
	}
	s->n_samples = m;
	s->sums[0] = 0;
	for (size_t i = 0; i < m; i++)
		s->sums[i + 1] = s->sums[i] + s->samples[i];
}

static void
note_rises(uint8_t *restrict rises, const uint32_t *restrict cells, size_t apart, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rises[i] = cells[i + apart] > cells[i];
}

/* The cell that begins at each sample, and whether the next one is lighter. */
static void
compare_cells(struct scaled *s, uint32_t step)
{
	size_t whole = step / ONE, n = s->n_samples - whole - 1;

	for (size_t i = 0; i < n; i++)
		s->cells[i] = (s->sums[i + whole] - s->sums[i]) * ONE + s->samples[i + whole] * (step % ONE);
	note_rises(s->rises[0], s->cells, whole, n - whole - 1);
	note_rises(s->rises[1], s->cells, whole + 1, n - whole - 1);
}

static size_t
cell_at(uint32_t step, uint32_t cell)
{
	return (cell * step + ONE / 2) / ONE;
}

static void
add_bytes(int8_t *restrict to, const uint8_t *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (int8_t)(to[i] + from[i]);
}

static void
subtract_bytes(int8_t *restrict from, const uint8_t *restrict what, size_t n)
{
	for (size_t i = 0; i < n; i++)
		from[i] = (int8_t)(from[i] - what[i]);
}

/* For each place: how many of the row's differences rise as they should, less those that rise and should not. */
static void
count_agreeing(struct scaled *s, const struct row *row, uint32_t step, size_t places)
{
	memset(s->agree, 0, places);
	for (size_t t = 0; t < row->n_telling; t++) {
		size_t before = cell_at(step, row->telling[t].cell - 1U),
		       here = cell_at(step, row->telling[t].cell);
		const uint8_t *rises = s->rises[here - before - step / ONE] + before;

		if (row->telling[t].rises)
			add_bytes(s->agree, rises, places);
		else
			subtract_bytes(s->agree, rises, places);
	}
}

/* Returns the sample where the row is + 1, or 0. */
static size_t
find_row(struct scaled *s, const struct row *row, uint32_t step)
{
	size_t length = cell_at(step, SCALED_CELLS) + STEP_MOST / ONE + 2, places;
	int rising = 0, wrong = (int)row->n_telling / WRONG_ONE_IN;

	if (s->n_samples < length)
		return 0;
	places = s->n_samples - length + 1;
	count_agreeing(s, row, step, places);
	for (size_t t = 0; t < row->n_telling; t++)
		rising += row->telling[t].rises;
	/* An inverted row has all the others: -(n_telling - rising). */
	for (size_t i = 0; i < places; i++)
		if ((s->agree[i] >= rising - wrong || s->agree[i] <= rising - (int)row->n_telling + wrong) &&
		    correlates(s, row, (uint32_t)i, step))
			return i + 1;
	return 0;
}

static int
is_flat(const uint8_t *p, size_t n)
{
	return n < 2 || memcmp(p, p + 1, n - 1) == 0;
}

/* Returns where one of the rows is, + 1, or 0. */
static size_t
find_in_piece(struct scaled *s, const uint8_t *p, size_t n)
{
	if (n <= SCALED_CELLS || is_flat(p, n))
		return 0;
	for (int octave = 0; octave < OCTAVES; octave++) {
		sample(s, p, n, octave);
		for (uint32_t step = STEP_LEAST; step < STEP_MOST; step += step / STEP_GROWTH) {
			if (s->n_samples <= cell_at(step, SCALED_CELLS))
				break;
			compare_cells(s, step);
			for (size_t i = 0; i < s->n; i++) {
				size_t found = find_row(s, &s->rows[i], step);

				if (found)
					return (octave ? (found - 1) << (octave - 1) : (found - 1) / 2) + 1;
			}
		}
	}
	return 0;
}

size_t
scaled_find(struct scaled *s, struct span in, size_t *first)
{
	size_t found = 0;

	for (size_t at = 0; at < in.n && s->n > 0; at += SCALED_PIECE_BYTES) {
		size_t n =
		    in.n - at < SCALED_PIECE_BYTES + OVERLAP ? in.n - at : SCALED_PIECE_BYTES + OVERLAP;
		size_t here = find_in_piece(s, in.p + at, n);

		if (here && found++ == 0)
			*first = at + here - 1;
	}
	return found;
}
