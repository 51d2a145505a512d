/* The door from spool to uplink, and back. */
#include "again.h"
#include "doors/parcel/parcel.h"

FUZZ_AGAIN(parcel, PARCEL_MESSAGE_MAX)
FUZZ_AGAIN(parcel_receipt, PARCEL_RECEIPT_BYTES)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_parcel(data, n);
	fuzz_parcel_receipt(data, n);
	return 0;
}
