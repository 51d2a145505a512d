/* wrap: store_append */
/*
 * A spool that says when a passage is on its disk: linked once more for the test in a virtual machine, which sees
 * nothing but the log while the unit runs. The product's spool has none of this.
 */
#include "base/log.h"
#include "spool/store.h"

int __real_store_append(struct store *st, const uint64_t *passage, const uint8_t link[CRYPTO_HASH_BYTES],
			struct span sign1, struct span body);
int __wrap_store_append(struct store *st, const uint64_t *passage, const uint8_t link[CRYPTO_HASH_BYTES],
			struct span sign1, struct span body);

int
__wrap_store_append(struct store *st, const uint64_t *passage, const uint8_t link[CRYPTO_HASH_BYTES],
		    struct span sign1, struct span body)
{
	int err = __real_store_append(st, passage, link, sign1, body);

	if (err == 0 && passage != NULL)
		log_event(LOG_NOTE, "passage_stored", "bytes", (int64_t)(sign1.n + body.n));
	return err;
}
