/*
 * Test vectors come as hex in JSON. Each span is an allocation of its exact length, so that the sanitizer sees a read past it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vectors.h"

static uint8_t *given[64];
static size_t n_given;

struct span
vectors_hex(const char *hex)
{
	size_t n = hex == NULL ? 0 : strlen(hex) / 2;
	uint8_t *p = malloc(n + 1);

	CHECK(n_given < ARRAY_SIZE(given) && p != NULL);
	given[n_given++] = p;
	for (size_t i = 0; i < n; i++) {
		unsigned int byte;

		CHECK(sscanf(hex + 2 * i, "%2x", &byte) == 1);
		p[i] = (uint8_t)byte;
	}
	return SPAN(p, n);
}

struct span
vectors_field(const json_t *object, const char *name)
{
	return vectors_hex(json_string_value(json_object_get(object, name)));
}

void
vectors_forget(void)
{
	while (n_given > 0)
		free(given[--n_given]);
}

json_t *
vectors_load(const char *dir, const char *name)
{
	char path[512];
	json_error_t why;
	json_t *root;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	root = json_load_file(path, 0, &why);
	if (root == NULL)
		printf("skipped: no test vectors at %s (%s); give their folder with VECTORS=DIR\n", path, why.text);
	return root;
}
