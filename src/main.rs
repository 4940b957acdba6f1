//! Parse, dispatch, exit code: all of it is [`nix_loom::cli`].

/// Planning anew takes two thirds of the time that it takes with the system's allocator (`cargo bench`), which gives the
/// memory of every plan back and asks for it again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    nix_loom::cli::main()
}
