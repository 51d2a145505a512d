# The first program of a unit. It sees no picture and no key.
init-y    += main.c root.c unit.c data.c cameras.c slots.c newest.c update.c
init-sees += base/base.h base/log.h base/log_text.h base/io.h
init-deny += socket connect system popen
