# The locator alone, over pictures on a desk.
platebox-y    += main.c ../common/file.c ../common/say.c
platebox-lib  += -ljpeg -lspng
