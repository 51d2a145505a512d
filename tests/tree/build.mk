# Checks of the tree and of what was built, as commands that must exit 0.
tree := $(srctree)/tests/tree
checks += sources_name_no_machine_and_hide_no_unfinished_work
sources_name_no_machine_and_hide_no_unfinished_work-cmd := $(tree)/sources
checks += every_header_compiles_alone
every_header_compiles_alone-cmd := env CC='$(CC)' $(tree)/headers $(B)
checks += a_room_cannot_include_what_it_may_not_see
a_room_cannot_include_what_it_may_not_see-cmd := env CC='$(CC)' $(tree)/sight $(B)
checks += a_denied_symbol_is_found
a_denied_symbol_is_found-cmd := env CC='$(CC)' $(tree)/symbols $(B)
checks += a_second_make_does_nothing
a_second_make_does_nothing-cmd := $(tree)/second-make '$(MAKE)' $(srctree) $(B) '$(BOARD)' '$(SANITIZE)'
ifeq ($(CONFIG_HAL_CRYPTO_OPENSSL),y)
checks += two_folders_give_the_same_bytes
two_folders_give_the_same_bytes-cmd := env CC='$(CC)' $(tree)/same-bytes '$(MAKE)' $(srctree) $(B) '$(BOARD)' '$(SANITIZE)'
endif
checks += no_function_is_longer_than_a_page
no_function_is_longer_than_a_page-cmd := sh -c 'cd $(srctree) && tests/tree/sizes --limit 70'
checks += each_claim_about_threats_names_what_shows_it
each_claim_about_threats_names_what_shows_it-cmd := $(PYTHON) $(tree)/threats
checks += each_board_says_which_locks_it_has_and_why_not
each_board_says_which_locks_it_has_and_why_not-cmd := $(PYTHON) $(tree)/boards
checks += each_event_in_the_log_is_explained
each_event_in_the_log_is_explained-cmd := $(PYTHON) $(tree)/events
# Of these only the symbols are those of a crypto port.
once += $(filter-out a_denied_symbol_is_found,$(checks))
