/*
 * A last look at the random source before it makes keys. Shared by the ports; not an interface.
 */
#ifndef HAL_CRYPTO_RANDOM_CHECK_H
#define HAL_CRYPTO_RANDOM_CHECK_H

#include "base/base.h"

/* 0, or -EIO when the source refuses, stands still, or gives one byte only. */
int random_check(void) MUST_CHECK;

#endif
