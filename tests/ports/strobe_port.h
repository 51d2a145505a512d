/*
 * tests/ports/strobe_port.h - what the contract of strobes needs of each port: the line, and what became of it.
 */
#ifndef TESTS_STROBE_PORT_H
#define TESTS_STROBE_PORT_H

#include "cm.h"
#include "hal/strobe.h"

/* The test's clock, in microseconds. */
int64_t port_now(void);

int port_line(void); /* the descriptor to open it with */

/* 1 when this port's line can be looked at: then *lit, when it was last lit and for how long it was. */
int port_looks(int *lit, int64_t *lit_us, int64_t *length_us);

/* What only this port has. */
int port_own_tests(void);

#endif
