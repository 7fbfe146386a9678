# A thin front of CMake. `make` builds and installs into build/dist; `make help` lists the rest.

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 30

DIST := build/dist

PRESETS = release i386

.PHONY: all help setup build demo test bench asan tsan valgrind fuzz fuzz-fixed oracles lint format install clean

all: build

help:
	@sed -n 's/^## //p' Makefile

## make            build everything (optimised) and install it into build/dist
build:
	@tools/build.sh release
	@rm -rf $(DIST)
	@cmake --install build/release --prefix $(DIST) >build/release/install.log || { cat build/release/install.log; exit 1; }

## make setup      install what building needs (Debian 12; needs root only if something is missing)
setup:
	@tools/setup.sh

## make demo       set up, build, and show it at work
demo: setup
	@$(MAKE) --no-print-directory build
	@tools/demo.sh

## make test       set up, and run all tests with a 64-bit and with a 32-bit caller
test: setup
	@tools/test.sh $(PRESETS)

## make asan       the tests under AddressSanitizer and UndefinedBehaviorSanitizer
asan: setup
	@tools/test.sh asan

## make tsan       the tests under ThreadSanitizer
tsan: setup
	@tools/test.sh tsan

## make valgrind   the test programs under valgrind
valgrind: setup
	@tools/valgrind.sh debug

## make bench      the benchmarks
bench: build
	@tools/bench.sh release

## make fuzz       each fuzz target for FUZZ_SECONDS (30) on fresh inputs
fuzz: setup
	@tools/fuzz.sh $(FUZZ_SECONDS)

## make fuzz-fixed the same search each time, of about ten seconds a target
fuzz-fixed: setup
	@tools/fuzz.sh --fixed

## make oracles    every PE image and archive here (Mono, Wine, mingw) against other programs that read them; takes long
oracles: setup build
	@FARCALL_ORACLES=all bash tests/image_oracles.sh build/release/bin/farcall

## make lint       clang-tidy, clang-format, layers, shellcheck, manual pages
lint: setup
	@tools/lint.sh

## make format     put the source into the project's format
format:
	@tools/lint.sh --format

## make install    install into PREFIX (/usr/local), below DESTDIR if set
install:
	@tools/build.sh release
	DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)"

## make clean      remove build/
clean:
	rm -rf build
