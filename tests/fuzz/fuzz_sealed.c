/* The door from seal to spool, and back. */
#include "again.h"
#include "doors/sealed/sealed.h"

FUZZ_AGAIN(sealed, SEALED_MESSAGE_MAX)
FUZZ_AGAIN(sealed_ack, SEALED_ACK_BYTES)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_sealed(data, n);
	fuzz_sealed_ack(data, n);
	return 0;
}
