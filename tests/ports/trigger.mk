# Both triggers and both strobes, whichever the board has: one contract each. What the kernel would do is played by the test.
lines-base := $(addprefix firmware/base/,check.c log.c wipe.c io.c)

tests += simulated_trigger_keeps_its_contract
simulated_trigger_keeps_its_contract-src  := trigger_contract.c trigger_simulated.c
simulated_trigger_keeps_its_contract-room := capture
simulated_trigger_keeps_its_contract-with := hal/trigger/simulated.c hal/camera/barrier.c $(lines-base)

tests += gpio_trigger_keeps_its_contract
gpio_trigger_keeps_its_contract-src  := trigger_contract.c trigger_gpio.c
gpio_trigger_keeps_its_contract-room := capture
gpio_trigger_keeps_its_contract-with := hal/trigger/gpio.c $(lines-base)

tests += simulated_strobe_keeps_its_contract
simulated_strobe_keeps_its_contract-src  := strobe_contract.c strobe_simulated.c
simulated_strobe_keeps_its_contract-room := capture
simulated_strobe_keeps_its_contract-with := hal/strobe/strobe.c hal/strobe/simulated.c $(lines-base)
simulated_strobe_keeps_its_contract-lib  := -Wl,--wrap=clock_gettime -Wl,--wrap=clock_nanosleep

tests += gpio_strobe_keeps_its_contract
gpio_strobe_keeps_its_contract-src  := strobe_contract.c strobe_gpio.c
gpio_strobe_keeps_its_contract-room := capture
gpio_strobe_keeps_its_contract-with := hal/strobe/strobe.c hal/strobe/gpio.c $(lines-base)
gpio_strobe_keeps_its_contract-lib  := -Wl,--wrap=clock_gettime -Wl,--wrap=clock_nanosleep -Wl,--wrap=ioctl

tests += a_line_is_asked_for_as_the_settings_say
a_line_is_asked_for_as_the_settings_say-src  := lines_gpio.c
a_line_is_asked_for_as_the_settings_say-room := warden
a_line_is_asked_for_as_the_settings_say-with := hal/lines/gpio.c $(lines-base)
a_line_is_asked_for_as_the_settings_say-lib  := -Wl,--wrap=open -Wl,--wrap=ioctl -Wl,--wrap=fcntl -Wl,--wrap=close
