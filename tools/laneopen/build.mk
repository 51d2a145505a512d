# The recipient's tool. Alone with lanekeys it may see private keys, and alone it opens bodies.
laneopen-y    += main.c args.c keys.c scan.c chain.c unpack.c index.c contact.c page.c progress.c
laneopen-y    += ../common/file.c ../common/key.c ../common/say.c
laneopen-sees += base/base.h
laneopen-lib  += -lcrypto -ljansson
