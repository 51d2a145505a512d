/*
 * warden/logs.c - the lines that rooms write, as lines of the warden's own log.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log_text.h"
#include "warden/logs.h"

void
logs_init(struct log_door *l, int fd)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->lines_left = LOGS_AT_ONCE;
}

int
logs_fd(struct log_door *l, int64_t now_us)
{
	int64_t more = (now_us - l->counted_us) * LOGS_A_SECOND / 1000000;

	if (more > 0) {
		l->lines_left = more >= LOGS_AT_ONCE - l->lines_left ? LOGS_AT_ONCE : l->lines_left + (int)more;
		l->counted_us = now_us;
	}
	if (l->lines_left == LOGS_AT_ONCE)
		l->held_back = 0;
	return l->lines_left > 0 ? l->fd : -1;
}

/* "<5>spool: recovered": a room's own level and name are taken off, so that no room can speak in another's. */
static void
say(const char *room, const char *text, size_t n)
{
	char line[LOG_LINE_BYTES + 32];
	size_t name = strlen(room), start;
	int level = LOG_WARN;

	if (n >= 3 && text[0] == '<' && text[1] >= '0' + LOG_ERROR && text[1] <= '0' + LOG_INFO && text[2] == '>') {
		level = text[1] - '0';
		text += 3;
		n -= 3;
	}
	if (n >= name + 2 && strncmp(text, room, name) == 0 && text[name] == ':' && text[name + 1] == ' ') {
		text += name + 2;
		n -= name + 2;
	}
	start = (size_t)snprintf(line, sizeof(line) - LOG_LINE_BYTES - 1, "<%d>%s: ", level, room);
	memcpy(line + start, text, n);
	log_clean(line + start, n);
	line[start + n] = '\n';
	log_line(line, start + n + 1);
}

static void
end_line(struct log_door *l, const char *room)
{
	if (l->n > 0) {
		say(room, l->line, l->n);
		l->lines_left--;
	}
	l->n = 0;
	l->cut = 0;
}

/* Takes bytes up to the end of a line; returns how many. */
static size_t
take(struct log_door *l, const char *room, const char *bytes, size_t n)
{
	const char *newline = memchr(bytes, '\n', n);
	size_t line = newline ? (size_t)(newline - bytes) : n, fits = sizeof(l->line) - l->n;

	if (!l->cut) {
		memcpy(l->line + l->n, bytes, line < fits ? line : fits);
		l->n += line < fits ? line : fits;
		l->cut = line > fits;
	}
	if (newline)
		end_line(l, room);
	return newline ? line + 1 : n;
}

/* Returns how many bytes came; 0 when there are none. */
static size_t
take_some(struct log_door *l, const char *room)
{
	char bytes[LOG_LINE_BYTES];
	ssize_t n = read(l->fd, bytes, sizeof(bytes));

	for (size_t at = 0; n > 0 && at < (size_t)n;)
		at += take(l, room, bytes + at, (size_t)n - at);
	return n > 0 ? (size_t)n : 0;
}

void
logs_listen(struct log_door *l, const char *room)
{
	while (l->lines_left > 0)
		if (take_some(l, room) == 0)
			return;
	if (!l->held_back)
		log_text(LOG_WARN, "%s: more than %d lines at once; the others wait, and are lost when its pipe is full", room,
			 LOGS_AT_ONCE);
	l->held_back = 1;
}

void
logs_end(struct log_door *l, const char *room)
{
	char rest[LOG_LINE_BYTES];
	int64_t lost = 0, n;

	l->lines_left = LOGS_AT_ONCE;
	while (l->lines_left > 0 && take_some(l, room) > 0)
		;
	end_line(l, room);
	/* A pipe holds what it holds; whoever wrote it is gone. */
	while ((n = read(l->fd, rest, sizeof(rest))) > 0)
		lost += n;
	if (lost > 0)
		log_text(LOG_WARN, "%s: %" PRId64 " bytes of its last lines were thrown away", room, lost);
}

/* A regular file takes what it is given; a socket is nobody else's; a terminal or pipe is opened anew, since its flags are shared. */
void
logs_never_wait(void)
{
	struct stat st;
	int fd;

	if (fstat(STDERR_FILENO, &st) < 0 || S_ISREG(st.st_mode))
		return;
	if (S_ISSOCK(st.st_mode)) {
		(void)fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
		return;
	}
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)dup2(fd, STDERR_FILENO);
	(void)close(fd);
}
