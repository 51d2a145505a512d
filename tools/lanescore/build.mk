# Following, measured: the drawn lane or photographs that drive by, through the finder and what follows.
lanescore-y    += main.c watch.c drawn.c photos.c ../common/file.c ../common/say.c
lanescore-sees += hal/scene.h hal/canary.h hal/picture.h
lanescore-lib  += -ljpeg -lspng
