capture-y    += main.c slots.c gate.c flash.c expose.c
capture-sees += capture
