locate-y    += main.c
locate-sees += locate
locate-y    += find.c luma.c follow.c cut.c
locate-lib  += -ljpeg -lspng
