/* wrap: walls_enter */
/* A warden that puts up no walls, for rooms that close no locks: there an intruder can do what he tries. */
#include "warden/walls.h"

int __wrap_walls_enter(const struct walls *w, enum room room, int with_network);

int
__wrap_walls_enter(const struct walls *w, enum room room, int with_network)
{
	(void)w;
	(void)room;
	(void)with_network;
	return 0;
}
