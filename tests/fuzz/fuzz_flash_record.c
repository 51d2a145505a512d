/* A line of the flash record, and a whole record of lines that no key signed. */
#include <jansson.h>
#include <openssl/ec.h>

#include "../../tools/lanectl/flashlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static EVP_PKEY *key;
	struct flashlog_state state = {0};
	struct flashlog_line line;
	struct span text = SPAN(data, n);
	enum flashlog_answer answer;
	json_t *record;
	uint64_t lines = 0;

	if (!key)
		key = EVP_EC_gen("P-256");
	if (flashlog_line_read(&line, text) == 0)
		CHECK(line.n_signature > 0 && line.n_signature <= sizeof(line.signature) &&
		      line.record.p > data && line.record.n < n);
	while (flashlog_next(&state, &text, key, &answer, &record) == 0) {
		CHECK(answer == LOG_DAMAGED || answer == LOG_FORGED);
		CHECK(++lines == state.lines);
		json_decref(record);
	}
	CHECK(text.n == 0);
	return 0;
}
