/*
 * The camera "replay:": the pictures of a folder, each as a still that stands for
 * some frames and is followed by a gap, or all as one sequence; and Y4M files,
 * frame by frame. What cannot be used is named once, counted and passed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log_text.h"
#include "folder.h"
#include "hal/picture.h"
#include "simulated.h"
#include "y4m.h"

enum { FILE_BYTES_MAX = 64 << 20 };

struct replay {
	struct folder folder;
	int folder_fd;
	size_t at;                          /* the next file */
	struct space luma, file;
	int keep_jpeg;
	uint32_t still_frames, left;        /* left: frames that the picture still stands */
	int64_t period_us, gap_us, at_us;
	int movie_fd;                       /* an open Y4M file, or -1 */
	struct y4m movie;
	int movie_first;                    /* its first frame lies in `luma` already */
	uint64_t skipped;
	struct shot shot;
};
_Static_assert(sizeof(struct replay) <= SIMULATED_STATE_BYTES, "state fits");

static void
drop_file(struct replay *r)
{
	pages_free(r->file.p, r->file.n);
	r->file = SPACE(NULL, 0);
	r->shot.jpeg = SPAN(NULL, 0);
}

static void
close_movie(struct replay *r)
{
	if (r->movie_fd >= 0)
		(void)close(r->movie_fd);
	r->movie_fd = -1;
}

/* A name as it may stand in a message: no way into another folder, nothing that moves a cursor. */
static void
clean_name(char out[FRAME_NAME_BYTES], const char *name)
{
	size_t i;

	memset(out, 0, FRAME_NAME_BYTES);
	for (i = 0; i + 1 < FRAME_NAME_BYTES && name[i] != '\0'; i++)
		out[i] = (unsigned char)name[i] < 32 || name[i] == 127 || name[i] == '/' ? '_' : name[i];
}

static int
open_regular(const struct replay *r, const char *name, int64_t *size)
{
	int fd = openat(r->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return -EINVAL;
	}
	*size = st.st_size;
	return fd;
}

static int
read_file(struct replay *r, int fd, int64_t size)
{
	if (size == 0)
		return -ENODATA;
	if (size > FILE_BYTES_MAX)
		return -E2BIG;
	r->file = SPACE(pages_take((size_t)size), (size_t)size);
	if (r->file.p == NULL)
		return -ENOMEM;
	return io_read_all(fd, r->file.p, r->file.n);
}

static int
load_still(struct replay *r, int fd, int64_t size)
{
	struct picture_info info;
	int err = read_file(r, fd, size);

	if (err == 0)
		err = picture_luma(SPAN(r->file.p, r->file.n), CONFIG_FRAME_MAX_WIDTH_PX, CONFIG_FRAME_MAX_HEIGHT_PX,
				   r->luma, &info);
	if (err == 0) {
		r->shot.width_px = info.width_px;
		r->shot.height_px = info.height_px;
	}
	if (err == 0 && r->keep_jpeg && info.baseline && r->file.n <= FRAME_SLOT_BYTES)
		r->shot.jpeg = SPAN(r->file.p, r->file.n);
	else
		drop_file(r);
	r->left = r->still_frames != 0 ? r->still_frames : 1;
	return err;
}

/* 0, -ENODATA after the last frame, or -EBADMSG. */
static int
read_movie_frame(struct replay *r)
{
	uint8_t head[Y4M_FRAME_HEADER_MAX];
	off_t here = lseek(r->movie_fd, 0, SEEK_CUR);
	ssize_t n = read(r->movie_fd, head, sizeof(head));
	size_t luma = (size_t)r->movie.width_px * r->movie.height_px;
	int head_n, err;

	if (here < 0 || n < 0)
		return -EIO;
	if (n == 0)
		return -ENODATA;
	head_n = y4m_frame_header(SPAN(head, (size_t)n));
	if (head_n < 0)
		return head_n;
	if (lseek(r->movie_fd, here + head_n, SEEK_SET) < 0)
		return -errno;
	err = io_read_all(r->movie_fd, r->luma.p, luma);
	if (err < 0)
		return -EBADMSG;
	if (lseek(r->movie_fd, here + head_n + (off_t)r->movie.frame_bytes, SEEK_SET) < 0)
		return -errno;
	return 0;
}

static int
load_movie(struct replay *r, int fd)
{
	uint8_t head[Y4M_HEADER_MAX];
	ssize_t n = read(fd, head, sizeof(head));
	int err;

	if (n < 0)
		return -errno;
	err = y4m_header(&r->movie, SPAN(head, (size_t)n));
	if (err < 0)
		return err;
	if (r->movie.width_px > CONFIG_FRAME_MAX_WIDTH_PX || r->movie.height_px > CONFIG_FRAME_MAX_HEIGHT_PX)
		return -EFBIG;
	if (lseek(fd, (off_t)r->movie.header_bytes, SEEK_SET) < 0)
		return -errno;
	r->movie_fd = fd;
	err = read_movie_frame(r);
	if (err < 0) {
		r->movie_fd = -1;
		return err == -ENODATA ? -EBADMSG : err;
	}
	r->shot.width_px = r->movie.width_px;
	r->shot.height_px = r->movie.height_px;
	r->movie_first = 1;
	return 0;
}

static const char *
why(int err)
{
	switch (err) {
	case -ENODATA: return "it is empty";
	case -E2BIG: return "the file is larger than 64 MiB";
	case -EINVAL: return "it is no ordinary file";
	case -ENOTSUP: return "of Y4M only 8 bits in 4:2:0, 4:2:2, 4:4:4 or mono can be used";
	default: return picture_why(err);
	}
}

static int
load(struct replay *r, const char *name)
{
	int64_t size = 0;
	int fd = open_regular(r, name, &size), err = fd;

	if (fd >= 0) {
		err = folder_ends(name, ".y4m") ? load_movie(r, fd) : load_still(r, fd, size);
		if (r->movie_fd != fd)
			(void)close(fd);
	}
	if (err < 0) {
		drop_file(r);
		r->skipped++;
		log_text(LOG_WARN, "picture '%s' is skipped: %s", name, why(err));
		return err;
	}
	clean_name(r->shot.name, name);
	r->shot.fresh = 1;
	return 0;
}

/* Goes on to the next file that can be used; -ENODATA when there is none. */
static int
load_next(struct replay *r)
{
	while (r->at < r->folder.n)
		if (load(r, r->folder.names[r->at++]) == 0)
			return 0;
	return -ENODATA;
}

static void
replay_close(void *state)
{
	struct replay *r = state;

	drop_file(r);
	close_movie(r);
	folder_free(&r->folder);
}

static int
list_files(struct replay *r, const char *name)
{
	int err;

	if (name[0] == '\0') {
		err = folder_list(&r->folder, r->folder_fd);
		if (err < 0)
			log_text(LOG_ERROR, "camera replay: the folder cannot be listed: %s", strerror(-err));
		return err < 0 ? -ENODEV : 0;
	}
	if (!folder_ends(name, ".y4m") || strchr(name, '/') != NULL || strlen(name) >= FOLDER_NAME_BYTES) {
		log_text(LOG_ERROR, "camera replay:%s: a folder, or one file that ends in .y4m", name);
		return -EINVAL;
	}
	r->folder.bytes = FOLDER_NAME_BYTES;
	r->folder.names = pages_take(r->folder.bytes);
	if (r->folder.names == NULL)
		return -ENOMEM;
	memcpy(r->folder.names[0], name, strlen(name) + 1);
	r->folder.n = 1;
	return 0;
}

static int
replay_open(void *state, const char *name, const struct hal_camera_wish *wish, struct space luma)
{
	struct replay *r = state;
	int err;

	r->movie_fd = -1;
	r->folder_fd = wish->folder_fd;
	r->luma = luma;
	r->keep_jpeg = wish->format == PIXEL_MJPEG;
	r->still_frames = wish->still_frames;
	r->period_us = 1000000000 / wish->rate_mhz;
	r->gap_us = wish->still_frames != 0 ? (int64_t)wish->gap_ms * 1000 : 0;
	err = list_files(r, name);
	if (err == 0 && load_next(r) < 0) {
		log_text(LOG_ERROR, "camera replay: not one picture that can be used (.jpg .jpeg .png .y4m), %llu skipped",
			 (unsigned long long)r->skipped);
		err = -ENODEV;
	}
	if (err < 0)
		replay_close(r);
	return err;
}

/* Another frame of what is shown now: 0, or -ENODATA when it is over. */
static int
show_again(struct replay *r)
{
	int err;

	if (r->movie_fd < 0) {
		if (r->left == 0)
			return -ENODATA;
		r->left--;
		return 0;
	}
	if (r->movie_first) {
		r->movie_first = 0;
		return 0;
	}
	r->shot.fresh = 1;
	err = read_movie_frame(r);
	if (err < 0 && err != -ENODATA) {
		r->skipped++;
		log_text(LOG_WARN, "'%s' ends early or is broken; its frames so far were used", r->shot.name);
	}
	if (err < 0)
		close_movie(r);
	return err < 0 ? -ENODATA : 0;
}

static int
replay_next(void *state, struct shot *shot)
{
	struct replay *r = state;

	while (show_again(r) < 0) {
		drop_file(r);
		r->at_us += r->gap_us;
		if (load_next(r) < 0)
			return -ENODATA;
	}
	r->shot.at_us = r->at_us;
	r->at_us += r->period_us;
	*shot = r->shot;
	r->shot.fresh = 0;
	return 1;
}

static uint64_t
replay_skipped(const void *state)
{
	const struct replay *r = state;

	return r->skipped;
}

const struct simulated_source source_replay = {
	.prefix = "replay:",
	.kind = SOURCE_REPLAY,
	.open = replay_open,
	.next = replay_next,
	.skipped = replay_skipped,
	.close = replay_close,
};
