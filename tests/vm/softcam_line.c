/*
 * The soft camera's line: usbredir as a USB host speaks it to QEMU, and commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <usbredirparser.h>

#include "base/clock.h"
#include "softcam.h"

enum { WAITING_MAX = 256, LINE_BYTES = 128 };

struct line {
	struct softcam *cam;
	struct usbredirparser *parser;
	int fd, commands, gone, quit;
	char text[LINE_BYTES];
	size_t n_text;
	/* Transfers the guest waits for, oldest first. */
	struct {
		uint64_t id;
		struct usb_redir_bulk_packet_header header;
	} waiting[WAITING_MAX];
	size_t n_waiting;
};

static void
say(void *to, int level, const char *text)
{
	(void)to;
	if (level <= usbredirparser_warning)
		fprintf(stderr, "softcam: %s\n", text);
}

static int
take_bytes(void *from, uint8_t *data, int n)
{
	const struct line *l = from;
	ssize_t got = read(l->fd, data, (size_t)n);

	return got > 0 ? (int)got : got < 0 && errno == EAGAIN ? 0 : -1;
}

static int
give_bytes(void *to, uint8_t *data, int n)
{
	const struct line *l = to;
	ssize_t put = write(l->fd, data, (size_t)n);

	return put >= 0 ? (int)put : errno == EAGAIN ? 0 : -1;
}

static void
send_endpoints(struct line *l)
{
	struct usb_redir_interface_info_header faces = {.interface_count = 2,
							.interface = {0, 1},
							.interface_class = {14, 14},
							.interface_subclass = {1, 2}};
	struct usb_redir_ep_info_header ends;

	memset(&ends, 0, sizeof(ends));
	memset(ends.type, usb_redir_type_invalid, sizeof(ends.type));
	ends.type[0] = ends.type[16] = usb_redir_type_control;
	ends.max_packet_size[0] = ends.max_packet_size[16] = 64;
	ends.type[17] = usb_redir_type_bulk; /* in, number 1 */
	ends.interface[17] = 1;
	ends.max_packet_size[17] = 512;
	usbredirparser_send_interface_info(l->parser, &faces);
	usbredirparser_send_ep_info(l->parser, &ends);
}

static void
on_hello(void *to, struct usb_redir_hello_header *hello)
{
	struct line *l = to;
	struct usb_redir_device_connect_header device = {.speed = usb_redir_speed_high,
							 .device_class = 0xef,
							 .device_subclass = 2,
							 .device_protocol = 1,
							 .vendor_id = 0x1209,
							 .product_id = 1,
							 .device_version_bcd = 0x100};

	(void)hello;
	send_endpoints(l);
	usbredirparser_send_device_connect(l->parser, &device);
	printf("plugged\n");
}

static void
on_reset(void *to)
{
	softcam_stop(((struct line *)to)->cam);
}

static void
on_set_configuration(void *to, uint64_t id, struct usb_redir_set_configuration_header *set)
{
	struct line *l = to;
	struct usb_redir_configuration_status_header status = {.status = usb_redir_success,
							       .configuration = set->configuration};

	send_endpoints(l);
	usbredirparser_send_configuration_status(l->parser, id, &status);
}

static void
on_get_configuration(void *to, uint64_t id)
{
	struct usb_redir_configuration_status_header status = {.status = usb_redir_success,
							       .configuration = 1};

	usbredirparser_send_configuration_status(((struct line *)to)->parser, id, &status);
}

static void
on_set_alternative(void *to, uint64_t id, struct usb_redir_set_alt_setting_header *set)
{
	struct usb_redir_alt_setting_status_header status = {
	    .status = usb_redir_success, .interface = set->interface, .alt = set->alt};

	usbredirparser_send_alt_setting_status(((struct line *)to)->parser, id, &status);
}

static void
on_get_alternative(void *to, uint64_t id, struct usb_redir_get_alt_setting_header *asked)
{
	struct usb_redir_alt_setting_status_header status = {.status = usb_redir_success,
							     .interface = asked->interface};

	usbredirparser_send_alt_setting_status(((struct line *)to)->parser, id, &status);
}

static void
on_control(void *to, uint64_t id, struct usb_redir_control_packet_header *h, uint8_t *data, int n)
{
	struct line *l = to;
	const uint8_t setup[8] = {h->requesttype,     h->request,
				  (uint8_t)h->value,  (uint8_t)(h->value >> 8),
				  (uint8_t)h->index,  (uint8_t)(h->index >> 8),
				  (uint8_t)h->length, (uint8_t)(h->length >> 8)};
	uint8_t bytes[CONTROL_MAX] = {0};
	int in = h->requesttype & 0x80, got;

	if (!in && n > 0)
		memcpy(bytes, data, (size_t)n < sizeof(bytes) ? (size_t)n : sizeof(bytes));
	got = softcam_control(l->cam, setup, bytes, n > 0 ? (size_t)n : 0);
	h->status = got < 0 ? usb_redir_stall : usb_redir_success;
	h->length = (uint16_t)(got < 0 ? 0 : in ? got : n);
	/* One that only came has no bytes to go back, whatever its length says. */
	usbredirparser_send_control_packet(l->parser, id, h, in && got > 0 ? bytes : NULL,
					   in && got > 0 ? got : 0);
	usbredirparser_free_packet_data(l->parser, data);
}

static void
on_bulk(void *to, uint64_t id, struct usb_redir_bulk_packet_header *h, uint8_t *data, int n)
{
	struct line *l = to;

	(void)n;
	usbredirparser_free_packet_data(l->parser, data);
	CHECK(l->n_waiting < WAITING_MAX && h->endpoint == ENDPOINT);
	l->waiting[l->n_waiting].id = id;
	l->waiting[l->n_waiting++].header = *h;
}

static void
answer(struct line *l, size_t i, uint8_t status, uint8_t *bytes, size_t n)
{
	struct usb_redir_bulk_packet_header h = l->waiting[i].header;

	h.status = status;
	h.length = (uint16_t)n;
	h.length_high = (uint16_t)(n >> 16);
	usbredirparser_send_bulk_packet(l->parser, l->waiting[i].id, &h, n > 0 ? bytes : NULL, (int)n);
	l->n_waiting--;
	memmove(&l->waiting[i], &l->waiting[i + 1], (l->n_waiting - i) * sizeof(l->waiting[0]));
}

static void
on_cancel(void *to, uint64_t id)
{
	struct line *l = to;

	for (size_t i = 0; i < l->n_waiting; i++)
		if (l->waiting[i].id == id) {
			answer(l, i, usb_redir_cancelled, NULL, 0);
			return;
		}
}

static void
on_disconnect_ack(void *to)
{
	(void)to;
}

static int
begin(struct line *l, int fd)
{
	uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};
	struct usbredirparser *p = usbredirparser_create();

	if (p == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -ENOMEM;
	p->priv = l;
	p->log_func = say;
	p->read_func = take_bytes;
	p->write_func = give_bytes;
	p->hello_func = on_hello;
	p->reset_func = on_reset;
	p->set_configuration_func = on_set_configuration;
	p->get_configuration_func = on_get_configuration;
	p->set_alt_setting_func = on_set_alternative;
	p->get_alt_setting_func = on_get_alternative;
	p->control_packet_func = on_control;
	p->bulk_packet_func = on_bulk;
	p->cancel_data_packet_func = on_cancel;
	p->device_disconnect_ack_func = on_disconnect_ack;
	usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_ep_info_max_packet_size);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
	l->fd = fd;
	l->gone = 0;
	l->parser = p;
	l->n_waiting = 0;
	usbredirparser_init(p, "softcam", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
	return 0;
}

/* As if the cable were drawn: nothing is said before. */
static void
unplug(struct line *l)
{
	if (l->parser == NULL)
		return;
	usbredirparser_destroy(l->parser);
	(void)close(l->fd);
	l->parser = NULL;
	l->fd = -1;
	softcam_stop(l->cam);
	printf("unplugged\n");
}

/* ---- commands ---- */

static void
obey(struct line *l, const char *text, int (*again)(void *), void *arg)
{
	struct softcam *c = l->cam;
	char word[16] = "";
	uint32_t n = 1;
	int words = sscanf(text, "%15s %" SCNu32, word, &n);

	if (words < 1)
		return;
	if (strcmp(word, "play") == 0) {
		c->playing = 1;
		c->film_at = words == 2 && n < c->film->frames ? n : 0;
	} else if (strcmp(word, "drop") == 0) {
		c->faults.drop = n;
	} else if (strcmp(word, "truncate") == 0) {
		c->faults.truncate = n;
	} else if (strcmp(word, "error") == 0) {
		c->faults.error = n;
	} else if (strcmp(word, "garble") == 0) {
		c->faults.garble = n;
	} else if (strcmp(word, "delay") == 0) {
		c->faults.delay_ms = n;
	} else if (strcmp(word, "lit") == 0) {
		c->lit = n;
	} else if (strcmp(word, "stall") == 0) {
		c->faults.stall = 1;
	} else if (strcmp(word, "hold") == 0) {
		c->pace = PACE_ASKED;
		c->asked = 0;
	} else if (strcmp(word, "next") == 0) {
		c->pace = PACE_ASKED;
		c->asked += n;
	} else if (strcmp(word, "run") == 0) {
		c->pace = PACE_CLOCK;
	} else if (strcmp(word, "go") == 0) {
		c->faults.stall = 0;
		softcam_stop(c);
	} else if (strcmp(word, "unplug") == 0) {
		unplug(l);
	} else if (strcmp(word, "plug") == 0 && l->parser == NULL) {
		int fd = again ? again(arg) : -1;

		if (fd < 0 || begin(l, fd) < 0)
			printf("not plugged\n");
	} else if (strcmp(word, "count") == 0) {
		printf("count sent=%" PRIu64 " dropped=%" PRIu64 " late=%" PRIu64 "\n", c->frames_sent,
		       c->frames_dropped, c->frames_late);
	} else if (strcmp(word, "quit") == 0) {
		l->quit = 1;
	} else {
		printf("not understood\n");
	}
}

static void
take_commands(struct line *l, int (*again)(void *), void *arg)
{
	ssize_t got = read(l->commands, l->text + l->n_text, sizeof(l->text) - 1 - l->n_text);
	char *end;

	if (got <= 0) {
		l->commands = -1;
		l->quit = got == 0;
		return;
	}
	l->n_text += (size_t)got;
	l->text[l->n_text] = '\0';
	while ((end = strchr(l->text, '\n')) != NULL) {
		*end++ = '\0';
		obey(l, l->text, again, arg);
		l->n_text -= (size_t)(end - l->text);
		memmove(l->text, end, l->n_text + 1);
	}
	if (l->n_text == sizeof(l->text) - 1)
		l->n_text = 0;
}

/* ---- both ---- */

static int
wait_ms(const struct line *l)
{
	int64_t now = clock_us(CLOCK_MONOTONIC), due;

	if (l->n_waiting == 0)
		return -1;
	due = softcam_due_us(l->cam, now);
	return due == INT64_MAX ? -1 : due <= now ? 0 : (int)((due - now) / 1000) + 1;
}

static void
step(struct line *l, short events)
{
	static uint8_t payload[PAYLOAD_MAX];
	int64_t now;

	if (events & (POLLIN | POLLHUP) && usbredirparser_do_read(l->parser) < 0)
		l->gone = 1;
	now = clock_us(CLOCK_MONOTONIC);
	if (l->n_waiting > 0 && now >= softcam_due_us(l->cam, now)) {
		const struct usb_redir_bulk_packet_header *h = &l->waiting[0].header;

		answer(l, 0, usb_redir_success, payload,
		       softcam_payload(l->cam, now, payload, h->length | (size_t)h->length_high << 16));
	}
	if (usbredirparser_has_data_to_write(l->parser) && usbredirparser_do_write(l->parser) < 0)
		l->gone = 1;
}

int
softcam_serve(struct softcam *c, int fd, int commands, int (*again)(void *), void *arg)
{
	static struct line l;
	int err;

	memset(&l, 0, sizeof(l));
	l.cam = c;
	l.commands = commands;
	err = begin(&l, fd);
	while (err == 0 && !l.quit && !(l.gone && commands < 0)) {
		struct pollfd fds[] = {{.fd = l.fd, .events = POLLIN}, {.fd = l.commands, .events = POLLIN}};

		if (l.gone) {
			unplug(&l);
			l.gone = 0;
			continue;
		}
		if (l.parser && usbredirparser_has_data_to_write(l.parser))
			fds[0].events |= POLLOUT;
		if (poll(fds, 2, l.parser ? wait_ms(&l) : -1) < 0 && errno != EINTR)
			err = -errno;
		if (l.parser)
			step(&l, fds[0].revents);
		if (fds[1].revents != 0)
			take_commands(&l, again, arg);
		(void)fflush(stdout);
	}
	unplug(&l);
	(void)fflush(stdout);
	return err;
}
