//! Parse, dispatch, exit code: all of it is [`nix_loom::cli`].

fn main() -> std::process::ExitCode {
    nix_loom::cli::main()
}
