/*
 * Marks every block device that something uses, and then everything it lies on.
 * A mark only ever grows, so the walk ends whatever the tables say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "uses.h"

enum { FIELDS_MAX = 24, LINE_BYTES = 16384 };

/* A disk under one of these is the computer itself. */
static const char *const system_places[] = {
    "/",     "/usr", "/boot",      "/boot/efi",        "/boot/firmware",
    "/efi",  "/etc", "/var",       "/var/lib",         "/home",
    "/opt",  "/srv", "/nix/store", "/run/live/medium", "/run/initramfs/live",
    "/cdrom"};

static int block_below_path(const struct uses *u, const char *path);

static void
mark(struct uses *u, int index, enum device_use use, const char *why)
{
	struct uses_block *b;
	int below;

	if (index < 0 || u->blocks[index].use >= use)
		return;
	b = &u->blocks[index];
	b->use = use;
	if (why != b->why)
		(void)snprintf(b->why, sizeof(b->why), "%s", why);
	mark(u, b->part_of, use, b->why);
	for (size_t i = 0; i < b->n_below; i++)
		mark(u, b->below[i], use, b->why);
	below = b->backing[0] ? block_below_path(u, b->backing) : -1;
	mark(u, below, use, b->why);
}

static int
block_by_number(const struct uses *u, unsigned int major, unsigned int minor)
{
	for (size_t i = 0; i < u->n_blocks; i++)
		if (u->blocks[i].major == major && u->blocks[i].minor == minor)
			return (int)i;
	return -1;
}

static int
block_by_path(const struct uses *u, const char *path)
{
	const char *name = strrchr(path, '/');

	if (strncmp(path, "/dev/", 5) != 0)
		return -1;
	for (size_t i = 0; i < u->n_blocks; i++)
		if (strcmp(u->blocks[i].name, name + 1) == 0 || strcmp(u->blocks[i].alias, name + 1) == 0)
			return (int)i;
	return -1;
}

/* The block under the mount that a file lies in: the last of those with the longest place. */
static int
block_below_path(const struct uses *u, const char *path)
{
	size_t best = 0;
	int block = -1;

	for (size_t i = 0; i < u->n_mounts; i++) {
		const char *at = u->mounts[i].at;
		size_t n = strlen(at);

		if (n < best || strncmp(path, at, n) != 0 ||
		    (at[n - 1] != '/' && path[n] != '/' && path[n] != 0))
			continue;
		best = n;
		block = u->mounts[i].block;
	}
	return block;
}

static enum device_use
use_of_mount(const char *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(system_places); i++)
		if (strcmp(at, system_places[i]) == 0)
			return USE_SYSTEM;
	return USE_MOUNTED;
}

/* ---- /proc/self/mountinfo and /proc/swaps ---- */

/* Takes one line off; the last may lack its newline. 0 at the end. A line longer than ours is cut. */
static int
next_line(struct span *text, char line[LINE_BYTES])
{
	const uint8_t *eol;
	size_t n;

	if (text->n == 0)
		return 0;
	eol = memchr(text->p, '\n', text->n);
	n = eol ? (size_t)(eol - text->p) : text->n;
	(void)snprintf(line, LINE_BYTES, "%.*s", (int)(n < LINE_BYTES ? n : LINE_BYTES - 1),
		       (const char *)text->p);
	n += eol != NULL;
	*text = SPAN(text->p + n, text->n - n);
	return 1;
}

/* The kernel writes space, tab, newline and backslash as \ooo. */
static void
unescape(char *s)
{
	char *to = s;

	while (*s) {
		int octal = s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			    s[3] >= '0' && s[3] <= '7';

		*to++ = (char)(octal ? (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0') : *s);
		s += octal ? 4 : 1;
	}
	*to = 0;
}

static size_t
split(char *line, const char *between, char *fields[FIELDS_MAX])
{
	size_t n = 0;
	char *rest = NULL;

	for (char *f = strtok_r(line, between, &rest); f && n < FIELDS_MAX;
	     f = strtok_r(NULL, between, &rest))
		fields[n++] = f;
	return n;
}

struct mount_line {
	unsigned int major, minor;
	char *at, *type, *source, *options;
};

static int
read_mount(struct mount_line *m, char *line)
{
	char *fields[FIELDS_MAX];
	size_t n = split(line, " ", fields), dash = 6;

	while (dash < n && strcmp(fields[dash], "-") != 0)
		dash++;
	if (dash + 3 >= n || sscanf(fields[2], "%u:%u", &m->major, &m->minor) != 2 || fields[4][0] != '/')
		return 0;
	m->at = fields[4];
	m->type = fields[dash + 1];
	m->source = fields[dash + 2];
	m->options = fields[dash + 3];
	unescape(m->at);
	unescape(m->source);
	return 1;
}

static void
add_mounts(struct uses *u, struct span text)
{
	char line[LINE_BYTES];
	size_t room = 0;

	while (next_line(&text, line)) {
		struct uses_mount *to;
		struct mount_line m;

		if (!read_mount(&m, line))
			continue;
		if (u->n_mounts == room) {
			room = room ? 2 * room : 64;
			to = reallocarray(u->mounts, room, sizeof(*to));
			CHECK(to);
			u->mounts = to;
		}
		to = &u->mounts[u->n_mounts++];
		to->major = m.major;
		to->minor = m.minor;
		(void)snprintf(to->at, sizeof(to->at), "%.*s", (int)sizeof(to->at) - 1, m.at);
		to->block = block_by_number(u, m.major, m.minor);
		if (to->block < 0)
			to->block = block_by_path(u, m.source);
	}
}

static void
mark_mounts(struct uses *u)
{
	char why[DEVICE_TEXT_BYTES];

	for (size_t i = 0; i < u->n_mounts; i++) {
		const struct uses_mount *m = &u->mounts[i];

		if (m->block < 0)
			continue;
		(void)snprintf(why, sizeof(why), "%s is mounted at %.50s", u->blocks[m->block].name, m->at);
		mark(u, m->block, use_of_mount(m->at), why);
	}
}

/* Folders that an overlay lies on are on disks of their own: "lowerdir=/a:/b,upperdir=/c". */
static void
mark_overlays(struct uses *u, struct span text)
{
	char line[LINE_BYTES], why[DEVICE_TEXT_BYTES], *options[FIELDS_MAX], *paths[FIELDS_MAX];

	while (next_line(&text, line)) {
		struct mount_line m;
		size_t n, k;

		if (!read_mount(&m, line) || strcmp(m.type, "overlay") != 0)
			continue;
		(void)snprintf(why, sizeof(why), "an overlay at %.50s lies on it", m.at);
		n = split(m.options, ",", options);
		for (size_t i = 0; i < n; i++) {
			char *value = strchr(options[i], '=');

			if (!value || (strncmp(options[i], "lowerdir", 8) != 0 &&
				       strncmp(options[i], "upperdir", 8) != 0))
				continue;
			k = split(value + 1, ":", paths);
			for (size_t j = 0; j < k; j++) {
				unescape(paths[j]);
				mark(u, block_below_path(u, paths[j]), use_of_mount(m.at), why);
			}
		}
	}
}

static void
mark_swaps(struct uses *u, struct span text)
{
	char line[LINE_BYTES], why[DEVICE_TEXT_BYTES], *fields[FIELDS_MAX];

	while (next_line(&text, line)) {
		int block;

		if (split(line, " \t", fields) == 0)
			continue;
		unescape(fields[0]);
		block = block_by_path(u, fields[0]);
		if (block < 0)
			continue;
		(void)snprintf(why, sizeof(why), "%s is swap space", u->blocks[block].name);
		mark(u, block, USE_SWAP, why);
	}
}

/* A btrfs names one of its disks as its source; the others are as much in use. */
static void
mark_btrfs(struct uses *u)
{
	for (size_t i = 0; i < u->n_blocks; i++) {
		const struct uses_block *b = &u->blocks[i];
		char why[DEVICE_TEXT_BYTES];

		if (!b->btrfs)
			continue;
		(void)snprintf(why, sizeof(why), "%s is part of a mounted btrfs", b->name);
		mark(u, (int)i, USE_MOUNTED, why);
		for (size_t k = 0; k < u->n_blocks; k++)
			if (u->blocks[k].btrfs == b->btrfs)
				mark(u, (int)k, b->use, b->why);
	}
}

static void
mark_held(struct uses *u)
{
	char why[DEVICE_TEXT_BYTES];

	for (size_t i = 0; i < u->n_blocks; i++) {
		const struct uses_block *b = &u->blocks[i];

		(void)snprintf(why, sizeof(why), "another device lies on %s", b->name);
		if (b->held)
			mark(u, (int)i, USE_HELD, why);
		for (size_t k = 0; k < b->n_below; k++)
			mark(u, b->below[k], USE_HELD, why);
	}
}

void
uses_settle(struct uses *u, struct span mounts, struct span swaps)
{
	add_mounts(u, mounts);
	mark_mounts(u);
	mark_overlays(u, mounts);
	mark_swaps(u, swaps);
	mark_btrfs(u);
	mark_held(u);
}

enum device_use
uses_of(const struct uses *u, unsigned int major, unsigned int minor, char why[DEVICE_TEXT_BYTES])
{
	int index = block_by_number(u, major, minor);

	why[0] = 0;
	if (index < 0 || u->overflow) {
		(void)snprintf(why, DEVICE_TEXT_BYTES, "this computer has too many disks to be sure");
		return USE_HELD;
	}
	(void)snprintf(why, DEVICE_TEXT_BYTES, "%s", u->blocks[index].why);
	return u->blocks[index].use;
}

void
uses_free(struct uses *u)
{
	free(u->mounts);
	u->mounts = NULL;
	u->n_mounts = 0;
}
