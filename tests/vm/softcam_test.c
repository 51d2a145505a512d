/*
 * The soft camera, seen from the other end of its line by a USB guest made of the
 * same parser library: what it says of itself, what it answers, frames put
 * together from payloads, and each fault.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <usbredirparser.h>

#include <jpeglib.h>

#include "cm.h"
#include "digest.h"
#include "softcam.h"

enum { W = 160, H = 96, FRAMES = 12, RATE = 100000, FRAME_MOST = 2 * W * H, LIMIT_MS = 20000 };

/* ---- a guest ---- */

static struct usbredirparser *guest;
static int line_fd, command_fd;
static pid_t camera;
static struct {
	int connected, disconnected, control, bulk, bulk_n;
	uint16_t vendor;
	uint8_t status, bytes[PAYLOAD_MAX];
	int n;
} got;

static void
say(void *to, int level, const char *text)
{
	(void)to;
	if (level <= usbredirparser_warning)
		fprintf(stderr, "guest: %s\n", text);
}

static int
take_bytes(void *from, uint8_t *data, int n)
{
	ssize_t k = read(line_fd, data, (size_t)n);

	(void)from;
	return k > 0 ? (int)k : k < 0 && errno == EAGAIN ? 0 : -1;
}

static int
give_bytes(void *to, uint8_t *data, int n)
{
	ssize_t k = write(line_fd, data, (size_t)n);

	(void)to;
	return k >= 0 ? (int)k : errno == EAGAIN ? 0 : -1;
}

static void
on_connect(void *to, struct usb_redir_device_connect_header *h)
{
	(void)to;
	got.connected = 1;
	got.vendor = h->vendor_id;
}

static void
on_control(void *to, uint64_t id, struct usb_redir_control_packet_header *h, uint8_t *data, int n)
{
	(void)to;
	(void)id;
	got.control++;
	got.status = h->status;
	got.n = n;
	if (n > 0)
		memcpy(got.bytes, data, (size_t)n);
	usbredirparser_free_packet_data(guest, data);
}

static void
on_bulk(void *to, uint64_t id, struct usb_redir_bulk_packet_header *h, uint8_t *data, int n)
{
	(void)to;
	(void)id;
	got.bulk++;
	got.status = h->status;
	got.bulk_n = n;
	if (n > 0)
		memcpy(got.bytes, data, (size_t)n);
	usbredirparser_free_packet_data(guest, data);
}

/* clang-format off */
static void on_faces(void *to, struct usb_redir_interface_info_header *h) { (void)to; assert_int_equal(h->interface_count, 2); }
static void on_ends(void *to, struct usb_redir_ep_info_header *h) { (void)to; assert_int_equal(h->type[17], usb_redir_type_bulk); }
static void on_hello(void *to, struct usb_redir_hello_header *h) { (void)to; (void)h; }
static void on_configured(void *to, uint64_t id, struct usb_redir_configuration_status_header *h) { (void)to; (void)id; (void)h; }
static void on_alternative(void *to, uint64_t id, struct usb_redir_alt_setting_status_header *h) { (void)to; (void)id; (void)h; }
static void on_disconnect(void *to) { (void)to; got.disconnected = 1; }
/* clang-format on */

static void
guest_begin(void)
{
	uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};

	memset(&got, 0, sizeof(got));
	guest = usbredirparser_create();
	guest->log_func = say;
	guest->read_func = take_bytes;
	guest->write_func = give_bytes;
	guest->hello_func = on_hello;
	guest->device_connect_func = on_connect;
	guest->device_disconnect_func = on_disconnect;
	guest->interface_info_func = on_faces;
	guest->ep_info_func = on_ends;
	guest->configuration_status_func = on_configured;
	guest->alt_setting_status_func = on_alternative;
	guest->control_packet_func = on_control;
	guest->bulk_packet_func = on_bulk;
	usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
	usbredirparser_init(guest, "guest", caps, USB_REDIR_CAPS_SIZE, 0);
}

/* Until *count is more than it was; 0 when the time is over or the camera has gone. */
static int
turn_until(const int *count, int was, int limit_ms)
{
	for (int ms = 0; *count <= was && ms < limit_ms;) {
		struct pollfd fd = {.fd = line_fd, .events = POLLIN};

		while (usbredirparser_has_data_to_write(guest))
			if (usbredirparser_do_write(guest) < 0)
				return 0;
		if (poll(&fd, 1, 10) == 0)
			ms += 10;
		else if (usbredirparser_do_read(guest) < 0)
			return 0;
	}
	return *count > was;
}

static int
control(uint8_t type, uint8_t request, uint16_t value, uint16_t index, const uint8_t *data, uint16_t n)
{
	struct usb_redir_control_packet_header h = {.endpoint = type & 0x80,
						    .request = request,
						    .requesttype = type,
						    .value = value,
						    .index = index,
						    .length = n};
	int was = got.control;
	uint8_t bytes[64];

	if (!(type & 0x80) && n > 0)
		memcpy(bytes, data, n);
	usbredirparser_send_control_packet(guest, 1, &h, type & 0x80 ? NULL : bytes, type & 0x80 ? 0 : n);
	assert_true(turn_until(&got.control, was, LIMIT_MS));
	return got.status == usb_redir_success ? got.n : -1;
}

static size_t
payload(int limit_ms)
{
	struct usb_redir_bulk_packet_header h = {.endpoint = ENDPOINT, .length = PAYLOAD_MAX};
	int was = got.bulk;

	usbredirparser_send_bulk_packet(guest, 2, &h, NULL, 0);
	return turn_until(&got.bulk, was, limit_ms) ? (size_t)got.bulk_n : 0;
}

/* One frame put together as a driver does; returns its bytes and whether a payload had the error bit. */
static size_t
frame(uint8_t *out, int *bad)
{
	size_t n = 0;

	*bad = 0;
	for (;;) {
		size_t k = payload(LIMIT_MS);

		assert_true(k >= PAYLOAD_HEADER && got.bytes[0] == PAYLOAD_HEADER &&
			    n + k - PAYLOAD_HEADER <= FRAME_MOST);
		memcpy(out + n, got.bytes + PAYLOAD_HEADER, k - PAYLOAD_HEADER);
		n += k - PAYLOAD_HEADER;
		*bad |= got.bytes[1] & 0x40;
		if (got.bytes[1] & 2)
			return n;
	}
}

static void
command(const char *text)
{
	assert_int_equal(write(command_fd, text, strlen(text)), strlen(text));
	/* Obeyed before the next request is: a round trip that comes after it. */
	(void)usleep(50000);
	assert_int_equal(control(0x80, 0, 0, 0, NULL, 2), 2);
}

static void
commit(enum look look)
{
	uint8_t probe[PROBE_BYTES] = {[0] = 1, [2] = (uint8_t)look, [3] = 1};

	assert_int_equal(control(0x21, 1, 0x100, 1, probe, PROBE_BYTES), 0);
	assert_int_equal(control(0xa1, 0x81, 0x100, 1, NULL, PROBE_BYTES), PROBE_BYTES);
	assert_int_equal(got.bytes[2], look);
	assert_int_equal(control(0x21, 1, 0x200, 1, probe, PROBE_BYTES), 0);
}

/* ---- the film and the camera ---- */

static uint8_t
luma_at(uint32_t film, int x, int y)
{
	return (uint8_t)(film * 17 + (uint32_t)(x * 3 + y));
}

static void
write_film(const char *path)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fprintf(f, "YUV4MPEG2 W%d H%d F%d:1000 Ip A1:1 Cmono\n", W, H, RATE);
	for (uint32_t i = 0; i < FRAMES; i++) {
		fputs("FRAME\n", f);
		for (int y = 0; y < H; y++)
			for (int x = 0; x < W; x++)
				fputc(luma_at(i, x, y), f);
	}
	assert_int_equal(fclose(f), 0);
}

static int
setup(void **state)
{
	char path[] = "/tmp/softcam-film-XXXXXX";
	int ends[2], commands[2], fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && close(fd) == 0);
	write_film(path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(pipe(commands), 0);
	camera = fork();
	if (camera == 0) {
		static struct softcam c;
		static struct film film;

		(void)close(ends[0]);
		(void)close(commands[1]);
		(void)freopen("/dev/null", "w", stdout);
		if (film_open(&film, path) < 0 || softcam_init(&c, &film, RATE) < 0)
			_exit(3);
		_exit(softcam_serve(&c, ends[1], commands[0], NULL, NULL) < 0);
	}
	(void)close(ends[1]);
	(void)close(commands[0]);
	line_fd = ends[0];
	command_fd = commands[1];
	assert_int_equal(fcntl(line_fd, F_SETFL, O_NONBLOCK), 0);
	guest_begin();
	assert_true(turn_until(&got.connected, 0, LIMIT_MS));
	assert_int_equal(unlink(path), 0);
	return 0;
}

static int
teardown(void **state)
{
	int status;

	(void)state;
	(void)close(command_fd);
	assert_int_equal(waitpid(camera, &status, 0), camera);
	assert_int_equal(status, 0);
	usbredirparser_destroy(guest);
	(void)close(line_fd);
	return 0;
}

/* ---- tests ---- */

/* Each descriptor of a configuration says its own length; together they fill it. */
static void
descriptors_add_up(void **state)
{
	int n, formats = 0, frames = 0, endpoints = 0;

	(void)state;
	assert_int_equal(got.vendor, 0x1209);
	assert_int_equal(control(0x80, 6, 0x100, 0, NULL, 18), 18);
	n = control(0x80, 6, 0x200, 0, NULL, 512);
	assert_true(n > 9 && got.bytes[2] + 256 * got.bytes[3] == n && got.bytes[4] == 2);
	for (int at = 0; at < n; at += got.bytes[at]) {
		const uint8_t *d = got.bytes + at;

		assert_true(d[0] >= 2 && at + d[0] <= n);
		formats += d[1] == 0x24 && (d[2] == 4 || d[2] == 6) && d[0] >= 11 && d[4] == 1;
		frames += d[1] == 0x24 && (d[2] == 5 || d[2] == 7) && d[0] == 30 && d[5] + 256 * d[6] == W &&
			  d[7] + 256 * d[8] == H;
		endpoints += d[1] == 5 && d[2] == ENDPOINT && d[3] == 2;
	}
	assert_int_equal(formats, LOOK_COUNT);
	assert_int_equal(frames, LOOK_COUNT);
	assert_int_equal(endpoints, 1);
	/* Asked for less it gives less; for what it has not, it stalls. */
	assert_int_equal(control(0x80, 6, 0x200, 0, NULL, 9), 9);
	assert_int_equal(control(0x80, 6, 0x309, 0, NULL, 9), -1);
	assert_int_equal(control(0xc0, 1, 0, 0, NULL, 9), -1);
}

static void
exposure_and_gain_are_taken_in_range_only(void **state)
{
	static const uint8_t manual[] = {1}, exposure[] = {0x88, 0x13, 0, 0}, dark[] = {0, 0, 0, 0},
			     gain[] = {40, 0}, much[] = {0, 9};

	(void)state;
	/* While it exposes by itself nobody else does. */
	assert_int_equal(control(0x21, 1, 0x400, 0x100, exposure, 4), -1);
	assert_int_equal(control(0x21, 1, 0x200, 0x100, manual, 1), 0);
	assert_int_equal(control(0x21, 1, 0x400, 0x100, exposure, 4), 0);
	assert_int_equal(control(0xa1, 0x81, 0x400, 0x100, NULL, 4), 4);
	assert_memory_equal(got.bytes, exposure, 4);
	assert_int_equal(control(0x21, 1, 0x400, 0x100, dark, 4), -1);
	assert_int_equal(control(0x21, 1, 0x400, 0x300, gain, 2), 0);
	assert_int_equal(control(0x21, 1, 0x400, 0x300, much, 2), -1);
	assert_int_equal(control(0xa1, 0x81, 0x400, 0x300, NULL, 2), 2);
	assert_memory_equal(got.bytes, gain, 2);
	assert_int_equal(control(0xa1, 0x83, 0x400, 0x300, NULL, 2), 2);
	assert_int_equal(got.bytes[0], 255);
	assert_int_equal(control(0xa1, 0x81, 0x900, 0x300, NULL, 2), -1);
}

static int
luma_of_jpeg(const uint8_t *p, size_t n, uint8_t *out)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;

	jpeg.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&jpeg);
	jpeg_mem_src(&jpeg, p, n);
	if (jpeg_read_header(&jpeg, TRUE) != JPEG_HEADER_OK || jpeg.image_width != W ||
	    jpeg.image_height != H)
		return -1;
	(void)jpeg_start_decompress(&jpeg);
	while (jpeg.output_scanline < H) {
		JSAMPROW row = out + W * jpeg.output_scanline;

		(void)jpeg_read_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_decompress(&jpeg);
	jpeg_destroy_decompress(&jpeg);
	return 0;
}

/* Raw ones bit for bit, JPEG within what it loses. */
static void
check_frame(const uint8_t *p, size_t n, enum look look, uint32_t film)
{
	static uint8_t decoded[W * H];
	int step = look == LOOK_YUYV ? 2 : 1, loss = look == LOOK_MJPEG ? 24 : 0;

	if (look == LOOK_MJPEG) {
		assert_int_equal(luma_of_jpeg(p, n, decoded), 0);
		p = decoded;
	} else {
		assert_int_equal(n, look == LOOK_YUYV   ? 2 * W * H
				    : look == LOOK_NV12 ? W * H * 3 / 2
							: W * H);
	}
	for (int i = 0; i < W * H; i++) {
		int off = p[i * step] - luma_at(film, i % W, i / W);

		/* A wave that wraps round has edges that JPEG blurs. */
		if (loss == 0 || (luma_at(film, i % W, i / W) > 60 && luma_at(film, i % W, i / W) < 190))
			assert_true(off <= loss && -off <= loss);
	}
}

static void
each_format_shows_the_film(void **state)
{
	static uint8_t bytes[FRAME_MOST];

	(void)state;
	for (int look = 1; look <= LOOK_COUNT; look++) {
		int bad, last = -1;

		commit((enum look)look);
		command("play\n");
		for (uint32_t i = 0; i < FRAMES + 2; i++) {
			size_t n = frame(bytes, &bad);

			assert_int_equal(bad, 0);
			assert_int_not_equal(got.bytes[1] & 1, last); /* each frame has the other number */
			last = got.bytes[1] & 1;
			check_frame(bytes, n, (enum look)look, i < FRAMES ? i : FRAMES - 1);
		}
	}
}

static void
each_fault_is_the_one_that_was_asked_for(void **state)
{
	static uint8_t bytes[FRAME_MOST], before[FRAME_MOST];
	size_t n;
	int bad, was;

	(void)state;
	commit(LOOK_YUYV);
	n = frame(before, &bad);
	command("truncate 1\n");
	assert_int_equal(frame(bytes, &bad), n / 2);
	command("error 1\n");
	assert_int_equal(frame(bytes, &bad), n);
	assert_true(bad);
	assert_memory_equal(bytes, before, n);
	command("garble 1\n");
	assert_int_equal(frame(bytes, &bad), n);
	assert_memory_not_equal(bytes, before, n);
	assert_int_not_equal(frame_digest(bytes, n), frame_digest(before, n));
	command("play\n");
	command("drop 3\n");
	n = frame(bytes, &bad);
	check_frame(bytes, n, LOOK_YUYV, 3);
	command("stall\n");
	was = got.bulk;
	assert_int_equal(payload(300), 0);
	command("go\n");
	assert_true(turn_until(&got.bulk, was, LIMIT_MS));
}

/* Then it goes by the host's pace and not by the clock. */
static void
a_frame_that_is_asked_for_comes_alone(void **state)
{
	static uint8_t bytes[FRAME_MOST];
	int bad, was;

	(void)state;
	commit(LOOK_GREY);
	command("hold\n");
	command("play\n");
	was = got.bulk;
	assert_int_equal(payload(300), 0);
	command("next 2\n");
	assert_true(turn_until(&got.bulk, was, LIMIT_MS)); /* a frame of grey is one payload */
	check_frame(bytes, frame(bytes, &bad), LOOK_GREY, 1);
	was = got.bulk;
	assert_int_equal(payload(300), 0);
	command("run\n");
	assert_true(turn_until(&got.bulk, was, LIMIT_MS));
}

/* Told to be a sensor, it is as bright as exposure and gain make it. */
static void
light_follows_exposure(void **state)
{
	static const uint8_t manual[] = {1}, exposure[] = {4, 0, 0, 0}, gain[] = {255, 0};
	static uint8_t bytes[FRAME_MOST];
	int bad;

	(void)state;
	commit(LOOK_GREY);
	assert_int_equal(control(0x21, 1, 0x200, 0x100, manual, 1), 0);
	assert_int_equal(control(0x21, 1, 0x400, 0x100, exposure, 4), 0);
	assert_int_equal(control(0x21, 1, 0x400, 0x300, gain, 2), 0);
	command("lit 50\n"); /* 0.05 x 4 x 4 */
	(void)frame(bytes, &bad);
	assert_int_equal(frame(bytes, &bad), W * H);
	for (int i = 0; i < W * H; i++)
		assert_int_equal(bytes[i], luma_at(0, i % W, i / W) * 800 / 1000);
}

static void
a_cable_that_is_drawn_ends_the_line(void **state)
{
	(void)state;
	assert_int_equal(write(command_fd, "unplug\n", 7), 7);
	assert_false(turn_until(&got.disconnected, 0, LIMIT_MS));
	assert_int_equal(read(line_fd, got.bytes, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(descriptors_add_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(exposure_and_gain_are_taken_in_range_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(each_format_shows_the_film, setup, teardown),
	    cmocka_unit_test_setup_teardown(each_fault_is_the_one_that_was_asked_for, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_frame_that_is_asked_for_comes_alone, setup, teardown),
	    cmocka_unit_test_setup_teardown(light_follows_exposure, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_cable_that_is_drawn_ends_the_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
