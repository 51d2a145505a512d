leakscan-y += main.c needles.c
