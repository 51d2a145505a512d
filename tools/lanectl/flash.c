/*
 * "lanectl flash": everything that can be refused is refused before the first
 * byte is written; then one thread for each disk, and a line for each that shows how far it is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#include "../common/say.h"
#include "commands.h"
#include "flashlog.h"
#include "show.h"
#include "targets.h"
#include "writer.h"

enum { REDRAW_MS = 200 };

struct target {
	struct writer writer;
	const char *unit;
	pthread_t thread;
	int64_t began_ms, step_ms, seconds;
	int step, over, recorded;
};

struct flash {
	struct flash_wish wish;
	struct source source;
	struct device devices[TARGETS_MAX];
	struct target targets[TARGETS_MAX];
	struct flashlog log;
	int drawn; /* lines of progress on the terminal */
};

/* ---- progress ---- */

static void
draw(struct flash *f)
{
	char line[SHOW_LINE_BYTES];

	if (!isatty(STDERR_FILENO))
		return;
	if (f->drawn)
		(void)fprintf(stderr, "\033[%dA", f->drawn);
	f->drawn = 0;
	for (size_t i = 0; i < f->wish.n_to; i++) {
		struct target *t = &f->targets[i];
		int step = atomic_load(&t->writer.step);

		if (t->over)
			continue;
		if (step != t->step)
			t->step_ms = clock_ms(CLOCK_MONOTONIC);
		t->step = step;
		show_progress(line, t->writer.device->path, (enum writer_step)step,
			      atomic_load(&t->writer.done_bytes), atomic_load(&t->writer.of_bytes),
			      (double)(clock_ms(CLOCK_MONOTONIC) - t->step_ms) / 1000);
		(void)fprintf(stderr, "\033[K%s\n", line);
		f->drawn++;
	}
	(void)fflush(stderr);
}

static void
clear(struct flash *f)
{
	if (f->drawn)
		(void)fprintf(stderr, "\033[%dA\033[J", f->drawn);
	f->drawn = 0;
}

static int
check_tick(void *arg, uint64_t done_bytes)
{
	static int64_t last_ms;
	const struct flash *f = arg;

	if (isatty(STDERR_FILENO) && clock_ms(CLOCK_MONOTONIC) - last_ms > REDRAW_MS) {
		last_ms = clock_ms(CLOCK_MONOTONIC);
		(void)fprintf(stderr, "\r  checking the image %3u %% ",
			      (unsigned int)(done_bytes * 100 / f->source.mapped_bytes));
	}
	return atomic_load(&command_stop);
}

/* ---- writing ---- */

static void *
run_thread(void *arg)
{
	struct target *t = arg;

	writer_run(&t->writer);
	return NULL;
}

static void
say_target(const struct flash *f, const struct target *t)
{
	const struct writer *w = &t->writer;
	char size[SHOW_SIZE_BYTES], kept[SHOW_SIZE_BYTES];

	if (w->result == RESULT_VERIFIED && f->wish.json)
		return;
	if (w->result == RESULT_VERIFIED) {
		(void)printf("%s: good: %s %s, %s written", w->device->path, w->source->manifest.board,
			     w->source->manifest.version, show_size(size, w->written_bytes));
		if (w->kept_bytes)
			(void)printf(", %s was there already", show_size(kept, w->kept_bytes));
		(void)printf(", read back, in %lld s\n", (long long)t->seconds);
		return;
	}
	say_trouble("%s: %s (at byte %llu). %s", w->device->path, writer_result_text(w->result),
		    (unsigned long long)w->at,
		    w->untouched ? "Nothing was written to it."
				 : "It does not boot, and what was on it is lost.");
}

static void
end_target(struct flash *f, struct target *t)
{
	t->over = 1;
	t->seconds = (clock_ms(CLOCK_MONOTONIC) - t->began_ms + 500) / 1000;
	clear(f);
	if (!t->writer.untouched || t->writer.result == RESULT_VERIFIED)
		t->recorded = flashlog_append(&f->log, &t->writer, t->unit, t->seconds) == 0;
	say_target(f, t);
	(void)fflush(stdout);
}

static void
run_all(struct flash *f)
{
	const struct timespec wait = {.tv_nsec = REDRAW_MS / 4 * 1000000L};
	size_t running = f->wish.n_to;
	int64_t drawn_ms = 0;

	for (size_t i = 0; i < f->wish.n_to; i++) {
		struct target *t = &f->targets[i];

		*t = (struct target){
		    .writer = {.source = &f->source, .device = &f->devices[i], .stop = &command_stop}};
		t->unit = f->wish.n_units ? f->wish.units[i] : NULL;
		t->began_ms = t->step_ms = clock_ms(CLOCK_MONOTONIC);
		CHECK(pthread_create(&t->thread, NULL, run_thread, t) == 0);
	}
	while (running > 0) {
		(void)nanosleep(&wait, NULL);
		for (size_t i = 0; i < f->wish.n_to; i++) {
			struct target *t = &f->targets[i];

			if (t->over || atomic_load(&t->writer.step) != STEP_OVER)
				continue;
			CHECK(pthread_join(t->thread, NULL) == 0);
			end_target(f, t);
			running--;
		}
		if (clock_ms(CLOCK_MONOTONIC) - drawn_ms >= REDRAW_MS) {
			draw(f);
			drawn_ms = clock_ms(CLOCK_MONOTONIC);
		}
	}
	clear(f);
}

/* ---- the answer ---- */

static void
answer_json(const struct flash *f)
{
	json_t *targets = json_array();

	for (size_t i = 0; i < f->wish.n_to; i++) {
		const struct target *t = &f->targets[i];
		const struct writer *w = &t->writer;

		(void)json_array_append_new(
		    targets, json_pack("{s:s, s:s, s:o, s:s, s:s, s:I, s:I, s:I, s:b, s:b, s:I}", "path",
				       w->device->path, "serial", w->device->serial, "unit",
				       t->unit ? json_string(t->unit) : json_null(), "result",
				       writer_result_word(w->result), "text", writer_result_text(w->result),
				       "at", (json_int_t)w->at, "written_bytes", (json_int_t)w->written_bytes,
				       "kept_bytes", (json_int_t)w->kept_bytes, "untouched", w->untouched,
				       "recorded", t->recorded, "seconds", (json_int_t)t->seconds));
	}
	command_json(json_pack("{s:o, s:s, s:s, s:o}", "image", show_path_json(f->source.path), "board",
			       f->source.manifest.board, "version", f->source.manifest.version, "targets",
			       targets));
}

static int
status_of(const struct flash *f)
{
	int stopped = 0, failed = 0, unrecorded = 0;

	for (size_t i = 0; i < f->wish.n_to; i++) {
		const struct target *t = &f->targets[i];

		stopped |= t->writer.result == RESULT_STOPPED;
		failed |= t->writer.result != RESULT_STOPPED && t->writer.result != RESULT_VERIFIED;
		unrecorded |= !t->recorded && t->writer.result == RESULT_VERIFIED;
	}
	if (failed)
		return EXIT_FAILED;
	if (stopped)
		return EXIT_STOPPED;
	return unrecorded ? EXIT_TROUBLE : EXIT_GOOD;
}

static int
flash_opened(struct flash *f)
{
	const struct flash_wish *w = &f->wish;
	const struct manifest *m = &f->source.manifest;
	int err;

	if (w->board && strcmp(w->board, m->board) != 0) {
		say_trouble("%s: is for the board %s, not %s; take the image for your board", w->image,
			    m->board, w->board);
		return EXIT_IMAGE;
	}
	if (targets_find(f->devices, w, m->image_bytes) < 0)
		return EXIT_DEVICE;
	if (flashlog_open(&f->log, w->log, w->log_key, &w->passphrase) < 0)
		return EXIT_TROUBLE;
	if (!w->json)
		(void)printf("%s: %s %s, signed\n", w->image, m->board, m->version);
	(void)fflush(stdout);
	if (targets_confirm(f->devices, w) < 0)
		return EXIT_DEVICE;
	command_catch_stop();
	err = source_check(&f->source, 0, check_tick, f);
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K");
	if (err == -ECANCELED)
		say_trouble("stopped; nothing was written to any disk");
	if (err < 0)
		return err == -ECANCELED ? EXIT_STOPPED : EXIT_IMAGE;
	run_all(f);
	if (w->json)
		answer_json(f);
	return status_of(f);
}

int
command_flash(int argc, char **argv)
{
	static struct flash f = {.log = {.fd = -1}};
	int status;

	flash_args_take(&f.wish, argc, argv);
	if (source_open(&f.source, f.wish.image, f.wish.release_key) < 0)
		return EXIT_IMAGE;
	status = flash_opened(&f);
	flashlog_close(&f.log);
	source_close(&f.source);
	return status;
}
