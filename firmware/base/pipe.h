/*
 * base/pipe.h - messages over a packet pipe (pipe2(2) with O_DIRECT).
 *
 * A pipe carries bytes and nothing else: no descriptor can pass. In packet mode
 * the kernel keeps each write of up to 4096 bytes whole, so a message is cut
 * into packets, each with a header that says which message and which part it
 * is. The warden keeps both ends open and hands the same pipe to the next
 * instance of a room that died; because packets are whole, that instance finds
 * the beginning of the next message by itself:
 *   - parts of a message whose beginning it never saw are passed over,
 *   - a message that a dying writer left unfinished is dropped when the next
 *     one begins.
 * Both are counted. Anything else that does not fit is -EBADMSG: our own
 * mistake or an intruder, and the room ends.
 *
 * Layout of a packet: docs/DOORS.md, "Packets". One thread an end.
 */
#ifndef BASE_PIPE_H
#define BASE_PIPE_H

#include "base/base.h"

enum {
	PIPE_PACKET_BYTES = 4096,
	PIPE_HEADER_BYTES = 16,
	PIPE_PART_BYTES = PIPE_PACKET_BYTES - PIPE_HEADER_BYTES,
	PIPE_ROOM_BYTES = 1 << 20, /* what the warden asks the kernel to hold in each pipe */
	PIPE_TURN_PACKETS = PIPE_ROOM_BYTES / 4096, /* as many as that holds: a page each */
};

struct pipe_out {
	int fd;
	uint32_t message;
};

struct pipe_in {
	int fd;
	struct space buffer; /* holds the largest message of the door */
	size_t have;
	uint32_t message;
	uint16_t next_part, parts;
	uint8_t type;
	int inside;           /* the beginning of a message has been read */
	int joined;           /* a beginning has been seen: from here every part must fit */
	uint64_t passed_over; /* packets without a beginning, messages without an end */
};

void pipe_out_init(struct pipe_out *out, int fd);
void pipe_in_init(struct pipe_in *in, int fd, struct space buffer);

/*
 * Sends one message of one door type (1..255), waiting while the pipe is full.
 * Returns 0, -EMSGSIZE when it has more than 65535 parts, -EPIPE or another -errno.
 */
int pipe_send(struct pipe_out *out, uint8_t type, struct span message) MUST_CHECK;

/*
 * Reads until one message is whole, and no more than PIPE_TURN_PACKETS, so that a
 * writer without end does not hold the reader; never waits (the descriptor is
 * non-blocking).
 *   1         *type and *message are set; *message points into the buffer and
 *             is good until the next call
 *   0         nothing whole yet: poll(2) and call again
 *   -EPIPE    no writer is left
 *   -EBADMSG  wrong magic, version, part or length: end the room
 */
int pipe_receive(struct pipe_in *in, uint8_t *type, struct span *message) MUST_CHECK;

/* Wipes what the buffer held. Call it when a message with pixels has been dealt with. */
void pipe_in_wipe(struct pipe_in *in);

#endif
