capture-y    += main.c slots.c
capture-sees += capture
