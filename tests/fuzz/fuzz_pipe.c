/*
 * Packets as an intruder could write them: a length (u16), then so many bytes, again and again.
 */
#include <fcntl.h>
#include <unistd.h>

#include "again.h"
#include "base/pipe.h"

enum { LARGEST = 3 * PIPE_PART_BYTES };

static void
drain(int fd)
{
	static uint8_t packet[PIPE_PACKET_BYTES];

	while (read(fd, packet, sizeof(packet)) > 0)
		;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint8_t buffer[LARGEST];
	static int ends[2] = {-1, -1};
	struct pipe_in in;

	if (ends[0] < 0)
		CHECK(pipe2(ends, O_DIRECT | O_NONBLOCK | O_CLOEXEC) == 0);
	pipe_in_init(&in, ends[0], SPACE_OF(buffer));
	while (n >= 2) {
		size_t length = (size_t)data[0] << 8 | data[1];
		struct span message;
		uint8_t type;
		int answer;

		data += 2;
		n -= 2;
		length = length < n ? length : n;
		length = length < PIPE_PACKET_BYTES ? length : PIPE_PACKET_BYTES;
		if (length > 0)
			CHECK(write(ends[1], data, length) == (ssize_t)length);
		data += length;
		n -= length;
		answer = pipe_receive(&in, &type, &message);
		CHECK(answer != 1 || (message.n <= LARGEST && type != 0));
		if (answer < 0)
			break;
	}
	drain(ends[0]);
	return 0;
}
