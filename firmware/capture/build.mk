capture-y    += main.c slots.c gate.c flash.c
capture-sees += capture
