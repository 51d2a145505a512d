leakscan-y += main.c search.c needles.c scaled.c spelled.c
leakscan-lib += -ljpeg -lspng
leakscan-cflags += -O3
