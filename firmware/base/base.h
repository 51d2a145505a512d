/*
 * base/base.h - the few words every program here shares.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stddef.h>
#include <stdint.h>

/* Functions return zero or a count when good, a negative errno when not; nobody may ignore it. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/*
 * Bytes lent for reading, and bytes lent for writing. Passed by value; the
 * callee keeps neither after it returns unless its header says so.
 */
struct span {
	const uint8_t *p;
	size_t n;
};

struct space {
	uint8_t *p;
	size_t n;
};

#define SPAN(ptr, len) ((struct span){.p = (ptr), .n = (len)})
#define SPACE(ptr, len) ((struct space){.p = (ptr), .n = (len)})
#define SPAN_OF(array) SPAN((const uint8_t *)(array), sizeof(array))
#define SPACE_OF(array) SPACE((uint8_t *)(array), sizeof(array))

/* A rectangle in frame pixels, origin at the top left corner of the frame. */
struct box {
	int32_t x, y, w, h;
};

/*
 * Our own mistake, or a guard that failed: the program says where and ends, in
 * product builds too. No value is printed, since it may come from a picture.
 */
#define CHECK(cond)                                        \
	do {                                               \
		if (!(cond))                               \
			check_failed(__FILE__, __LINE__);  \
	} while (0)

_Noreturn void check_failed(const char *file, int line);

/* if (CONFIG(HAL_CAMERA_SIMULATED)) ...: both sides are compiled, one is kept. */
#define CONFIG_PICK_1 0,
#define CONFIG_SECOND(ignored, value, ...) value
#define CONFIG_IS_ONE(pick) CONFIG_SECOND(pick 1, 0, 0)
#define CONFIG_EXPAND(value) CONFIG_IS_ONE(CONFIG_PICK_##value)
#define CONFIG_VALUE(value) CONFIG_EXPAND(value)
#define CONFIG(option) CONFIG_VALUE(CONFIG_##option)

#endif
