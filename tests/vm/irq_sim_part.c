/*
 * The kernel's kernel/irq/irq_sim.c in a module beside gpio-sim, since Debian's kernel has neither. irq_to_desc() is not exported;
 * generic_handle_irq() is, and ends in the same handle_simple_irq(). For tests only.
 */
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>

#define irq_to_desc(irq) (irq)
#define handle_simple_irq(irq) generic_handle_irq(irq)
#include "irq_sim.c"
