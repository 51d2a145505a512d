/*
 * tests/ports/trigger_port.h - what the contract of triggers needs of each port: somebody who moves the line.
 */
#ifndef TESTS_TRIGGER_PORT_H
#define TESTS_TRIGGER_PORT_H

#include "cm.h"
#include "hal/trigger.h"

/* A line that nobody has moved, and how to open it. */
struct hal_trigger_wish port_line(uint32_t debounce_us);

/* The line moves at this time, later than the time before. */
void port_edge(int64_t at_us);

/* Time passes, until then, and nobody moves the line. */
void port_rest(int64_t until_us);

void port_end(void);

/* What only this port has; run after the contract. */
int port_own_tests(void);

#endif
