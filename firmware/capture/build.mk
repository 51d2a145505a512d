capture-y    += main.c
capture-sees += capture
