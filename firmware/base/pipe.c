/*
 * base/pipe.c - cuts messages into packets and puts packets together again.
 *
 * The reader trusts nothing in a header before it has been compared with what
 * must stand there. Bytes of a message are nowhere but in the buffer of the
 * reader: the packet on the stack is wiped.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/pipe.h"
#include "base/wipe.h"
#include "base/wire.h"

enum { MAGIC = 'L' << 8 | 'S', VERSION = 1, PARTS_MAX = 65535 };

struct header {
	uint8_t type;
	uint32_t message;
	uint16_t part, parts, length;
};

void
pipe_out_init(struct pipe_out *out, int fd)
{
	*out = (struct pipe_out){.fd = fd};
}

void
pipe_in_init(struct pipe_in *in, int fd, struct space buffer)
{
	*in = (struct pipe_in){.fd = fd, .buffer = buffer};
}

static void
write_header(const struct header *h, uint8_t bytes[PIPE_HEADER_BYTES])
{
	struct wire_writer w;

	wire_write(&w, SPACE(bytes, PIPE_HEADER_BYTES));
	wire_put_u16(&w, MAGIC);
	wire_put_u8(&w, VERSION);
	wire_put_u8(&w, h->type);
	wire_put_u32(&w, h->message);
	wire_put_u16(&w, h->part);
	wire_put_u16(&w, h->parts);
	wire_put_u16(&w, h->length);
	wire_put_u16(&w, 0);
	CHECK(wire_done(&w) == PIPE_HEADER_BYTES);
}

/* What must hold for a packet alone, whatever came before. */
static int
read_header(struct header *h, struct span packet)
{
	struct wire_reader r;
	int last;

	wire_read(&r, packet);
	wire_require(&r, wire_u16(&r) == MAGIC);
	wire_require(&r, wire_u8(&r) == VERSION);
	h->type = wire_u8(&r);
	h->message = wire_u32(&r);
	h->part = wire_u16(&r);
	h->parts = wire_u16(&r);
	h->length = wire_u16(&r);
	wire_require(&r, wire_u16(&r) == 0);
	last = h->part + 1 == h->parts;
	wire_require(&r, h->type != 0);
	wire_require(&r, h->part < h->parts);
	wire_require(&r, last ? h->length <= PIPE_PART_BYTES : h->length == PIPE_PART_BYTES);
	wire_require(&r, h->length > 0 || h->parts == 1);
	wire_require(&r, r.left.n == h->length);
	return r.bad ? -EBADMSG : 0;
}

/* One packet is one write: the kernel takes it whole or not at all. */
static int
send_packet(int fd, uint8_t header[PIPE_HEADER_BYTES], struct span part)
{
	struct iovec pieces[] = {
	    {.iov_base = header, .iov_len = PIPE_HEADER_BYTES},
	    {.iov_base = (void *)(uintptr_t)part.p, .iov_len = part.n},
	};

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		ssize_t put = writev(fd, pieces, ARRAY_SIZE(pieces));

		if (put >= 0)
			return (size_t)put == PIPE_HEADER_BYTES + part.n ? 0 : -EIO;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		/* SIGTERM cuts no message short: the room finishes it, or the warden loses patience. */
		if (errno == EAGAIN && ppoll(&p, 1, NULL, NULL) < 0 && errno != EINTR)
			return -errno;
	}
}

int
pipe_send(struct pipe_out *out, uint8_t type, struct span message)
{
	size_t parts = message.n ? (message.n - 1) / PIPE_PART_BYTES + 1 : 1;
	struct header h = {.type = type, .message = ++out->message};
	uint8_t bytes[PIPE_HEADER_BYTES];

	CHECK(type != 0);
	if (parts > PARTS_MAX)
		return -EMSGSIZE;
	h.parts = (uint16_t)parts;
	for (size_t i = 0; i < parts; i++) {
		size_t at = i * PIPE_PART_BYTES, n = message.n - at;
		int err;

		if (n > PIPE_PART_BYTES)
			n = PIPE_PART_BYTES;
		h.part = (uint16_t)i;
		h.length = (uint16_t)n;
		write_header(&h, bytes);
		err = send_packet(out->fd, bytes, n ? SPAN(message.p + at, n) : SPAN(NULL, 0));
		if (err < 0)
			return err;
	}
	return 0;
}

/* The part that the message needs next; 0 to pass it over, 1 to keep it. */
static int
fits(struct pipe_in *in, const struct header *h)
{
	if (h->part == 0) {
		in->passed_over += in->inside ? 1 : 0;
		pipe_in_wipe(in);
		in->inside = in->joined = 1;
		in->message = h->message;
		in->type = h->type;
		in->parts = h->parts;
		return 1;
	}
	if (!in->joined) {
		in->passed_over++;
		return 0;
	}
	if (!in->inside || h->message != in->message || h->type != in->type || h->parts != in->parts ||
	    h->part != in->next_part)
		return -EBADMSG;
	return 1;
}

/* Returns 1 when the message is whole. */
static int
take_packet(struct pipe_in *in, struct span packet)
{
	struct header h;
	int err;

	err = read_header(&h, packet);
	if (err < 0)
		return err;
	err = fits(in, &h);
	if (err <= 0)
		return err;
	if (h.length > in->buffer.n - in->have)
		return -EBADMSG;
	if (h.length > 0)
		memcpy(in->buffer.p + in->have, packet.p + PIPE_HEADER_BYTES, h.length);
	in->have += h.length;
	in->next_part = (uint16_t)(h.part + 1);
	if (in->next_part < in->parts)
		return 0;
	in->inside = 0;
	return 1;
}

int
pipe_receive(struct pipe_in *in, uint8_t *type, struct span *message)
{
	uint8_t packet[PIPE_PACKET_BYTES + 1];
	int answer = 0;

	for (int n = 0; n < PIPE_TURN_PACKETS && answer == 0; n++) {
		ssize_t got = read(in->fd, packet, sizeof(packet));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (got == 0)
			return -EPIPE;
		answer = take_packet(in, SPAN(packet, (size_t)got));
		wipe(packet, (size_t)got);
	}
	if (answer == 1) {
		*type = in->type;
		*message = SPAN(in->buffer.p, in->have);
	}
	return answer;
}

void
pipe_in_wipe(struct pipe_in *in)
{
	wipe(in->buffer.p, in->have);
	in->have = 0;
	in->inside = 0;
}
