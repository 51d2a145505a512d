platebox-y    += main.c
platebox-lib  += -ljpeg -lspng
