/*
 * laneopen: checks the records of a lane and opens them for a recipient. This file
 * takes the arguments, runs the two passes, and puts the result into words and an
 * exit status.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../common/file.h"
#include "../common/say.h"
#include "args.h"
#include "contact.h"
#include "index.h"
#include "keys.h"
#include "progress.h"

enum { LINES_MAX = 20 /* of the answers that are told one by one */ };

/* ---- folders ---- */

static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		say_trouble("%s: the folder cannot be read: %s", path, strerror(errno));
	return fd;
}

static int
is_empty(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	while (dir && (d = readdir(dir)))
		n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
	if (dir)
		(void)closedir(dir);
	return dir && n == 0;
}

/* Old and new results must not mix, so only an empty folder will do. */
static int
open_out(const char *path)
{
	int fd;

	if (file_make_folder(path) < 0)
		return -1;
	fd = open_folder(path);
	if (fd >= 0 && !is_empty(fd)) {
		say_trouble("%s: is not empty; name a new folder with --out", path);
		(void)close(fd);
		return -1;
	}
	if (fd >= 0 && fchmod(fd, 0700) < 0) {
		say_trouble("%s: cannot be kept from others: %s", path, strerror(errno));
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* ---- the passes ---- */

struct run {
	const struct wish *wish;
	struct keys keys;
	struct chain_rules rules;
	struct chain chain;
	struct totals totals;
	struct index index;
	struct contact contact;
	int folder, out;
};

static int
load_keys(struct run *r)
{
	const struct wish *w = r->wish;
	int err;

	err = keys_unit(&r->keys, &r->rules, w->unit, w->maker);
	if (err == 0)
		err = keys_policies(&r->keys, w->policies, w->n_policies, w->policy_key);
	if (err == 0 && w->key) {
		err = keys_own(&r->keys, w->key, &w->passphrase);
		if (err == 0)
			keys_compare(&r->keys, w->key);
	}
	r->rules.policies = r->keys.policies;
	r->rules.n_policies = r->keys.n_policies;
	r->rules.from = w->from;
	r->rules.as_of_s = w->as_of_s;
	r->totals.opening = !w->verify_only;
	r->totals.policies_checked = r->keys.policies_checked;
	r->totals.maker_checked = r->keys.maker_checked;
	return err;
}

static void
say_item(const struct run *r, const struct item *it, unsigned int *lines)
{
	if (r->wish->json || it->answer == ANSWER_GOOD || ++*lines > LINES_MAX)
		return;
	progress_clear();
	(void)printf("%-11s ", totals_item(&r->totals, it));
	if (it->place == PLACE_NONE)
		(void)printf("%12s", "?");
	else if (it->last == it->sequence)
		(void)printf("%12llu", (unsigned long long)it->sequence);
	else
		(void)printf("%llu..%llu", (unsigned long long)it->sequence, (unsigned long long)it->last);
	(void)printf("  %s", it->reason);
	if (it->file) {
		(void)printf(" (");
		for (const char *c = it->file; *c; c++)
			(void)putchar((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c);
		(void)printf(")");
	}
	(void)printf("\n");
}

static int
open_items(struct run *r, struct unpacked *u)
{
	unsigned int lines = 0;
	int err = 0;

	index_open(&r->index);
	for (size_t i = 0; i < r->chain.n && err == 0; i++) {
		struct item *it = &r->chain.items[i];

		err = unpack_item(u, it, r->folder, r->keys.own, r->out);
		if (err < 0)
			break;
		totals_add(&r->totals, it, u);
		index_item(&r->index, it, u, &r->totals, &r->rules);
		if (r->out >= 0)
			contact_item(&r->contact, it, u, &r->totals);
		say_item(r, it, &lines);
		progress_show(r->keys.own ? "opening" : "reading", i + 1, r->chain.n);
	}
	progress_clear();
	if (lines > LINES_MAX)
		(void)printf("... and %u more%s\n", lines - LINES_MAX, r->out >= 0 ? ": see index.json" : "");
	return err;
}

static int
open_results(struct run *r)
{
	int fd;

	if (r->wish->json)
		r->index.to[1] = stdout;
	if (r->out < 0)
		return 0;
	fd = openat(r->out, "index.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	r->index.to[0] = fd < 0 ? NULL : fdopen(fd, "w");
	if (!r->index.to[0]) {
		say_trouble("%s/index.json: cannot be made: %s", r->wish->out, strerror(errno));
		return -EIO;
	}
	return contact_open(&r->contact, r->out);
}

static int
close_results(struct run *r)
{
	int err;

	err = index_close(&r->index, &r->chain, &r->totals, &r->rules);
	if (err < 0)
		say_trouble("the index cannot be written whole");
	if (r->out >= 0 && contact_close(&r->contact, &r->chain, &r->totals, &r->rules) < 0)
		err = -EIO;
	if (r->index.to[0] && fclose(r->index.to[0]) != 0)
		err = -EIO;
	return err;
}

/* What the unit last said of itself, without what is zero. */
static void
say_health(const struct record_health *h)
{
	const char *before = "health, as last said:";

	for (size_t i = 0; i < h->n; i++) {
		if (h->of[i] == 0)
			continue;
		if (health_word(i))
			(void)printf("%s %s %llu", before, health_word(i), (unsigned long long)h->of[i]);
		else
			(void)printf("%s number %zu: %llu", before, i + 1, (unsigned long long)h->of[i]);
		before = ",";
	}
	if (h->n)
		(void)printf("\n");
}

static void
say_life(const struct run *r)
{
	const struct totals *t = &r->totals;
	char last[40];

	utc_text(t->last_sign_s * 1000000, last, sizeof(last));
	(void)printf("chain: %llu boot%s, %llu heartbeats, %llu gaps", (unsigned long long)t->boots,
		     t->boots == 1 ? "" : "s", (unsigned long long)t->heartbeats, (unsigned long long)t->gaps);
	if (t->last_sign_s)
		(void)printf("; last sign of life %.19sZ, one is due every %u s", last, t->interval_s);
	(void)printf("\n");
	if (t->answers[ANSWER_MISSING])
		(void)printf("of the missing, the unit itself says: %llu too old, %llu no space, %llu damaged; "
			     "%llu unexplained\n",
			     (unsigned long long)t->explained[GAP_AGE], (unsigned long long)t->explained[GAP_SPACE],
			     (unsigned long long)t->explained[GAP_DAMAGED], (unsigned long long)totals_unexplained(t));
	if (t->uncounted[GAP_NO_POLICY])
		(void)printf("passages that the unit only counted, without a valid policy: %llu\n",
			     (unsigned long long)t->uncounted[GAP_NO_POLICY]);
	if (t->clock_sets)
		(void)printf("clock: set %llu times, at most by %lld s (record %llu); times before and after do not compare\n",
			     (unsigned long long)t->clock_sets, (long long)t->clock_set_most_s,
			     (unsigned long long)t->clock_set_most_at);
	say_health(&t->health);
}

static void
say_totals(const struct run *r)
{
	const struct totals *t = &r->totals;

	if (r->wish->json)
		return;
	(void)printf("%s: %llu %s, %llu altered, %llu missing, %llu cannot tell", r->rules.unit,
		     (unsigned long long)t->answers[ANSWER_GOOD], t->opening ? "opened" : "verified",
		     (unsigned long long)t->answers[ANSWER_ALTERED],
		     (unsigned long long)t->answers[ANSWER_MISSING],
		     (unsigned long long)t->answers[ANSWER_CANNOT_TELL]);
	if (r->chain.n_others)
		(void)printf("; %zu other file%s", r->chain.n_others, r->chain.n_others == 1 ? "" : "s");
	(void)printf("\n");
	say_life(r);
	if (r->rules.n_policies && !t->policies_checked)
		(void)printf("The policy was taken as given; --policy-key checks who signed it.\n");
	if (r->out >= 0)
		(void)printf("%llu pictures: see %s/contact.html\n", (unsigned long long)t->pictures,
			     r->wish->out);
}

static enum exit_status
status_of(const struct totals *t)
{
	if (t->answers[ANSWER_ALTERED])
		return EXIT_ALTERED;
	if (t->answers[ANSWER_MISSING])
		return EXIT_MISSING;
	return t->answers[ANSWER_CANNOT_TELL] ? EXIT_CANNOT_TELL : EXIT_GOOD;
}

/* Returns 0 when there is a result to report. */
static int
run_passes(struct run *r)
{
	struct unpacked u;
	int err;

	err = chain_scan(&r->chain, r->folder, &r->rules);
	if (err < 0)
		return err;
	if (r->chain.n == 0) {
		say_trouble("%s: there is no record in this folder", r->wish->folder);
		return -ENOENT;
	}
	chain_judge(&r->chain, &r->rules);
	err = open_results(r);
	if (err < 0)
		return err;
	err = unpack_open(&u);
	CHECK(err == 0);
	err = open_items(r, &u);
	unpack_close(&u);
	return close_results(r) < 0 ? -EIO : err;
}

static enum exit_status
run(struct run *r)
{
	enum exit_status status = EXIT_TROUBLE;

	if (load_keys(r) < 0)
		return EXIT_TROUBLE;
	r->folder = open_folder(r->wish->folder);
	if (r->folder < 0)
		return EXIT_TROUBLE;
	if (r->wish->out)
		r->out = open_out(r->wish->out);
	if ((!r->wish->out || r->out >= 0) && run_passes(r) == 0) {
		say_totals(r);
		status = status_of(&r->totals);
	}
	if (r->out >= 0)
		(void)close(r->out);
	(void)close(r->folder);
	return status;
}

int
main(int argc, char **argv)
{
	static struct wish w;
	static struct run r = {.wish = &w, .out = -1};
	enum exit_status status;

	args_take(&w, argc, argv);
	(void)umask(077);
	if (hal_crypto_open() < 0) {
		say_trouble("the crypto library (%s) does not start", hal_crypto_name());
		return EXIT_TROUBLE;
	}
	status = run(&r);
	keys_close(&r.keys);
	chain_free(&r.chain);
	hal_crypto_close();
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXIT_TROUBLE;
	return (int)status;
}
