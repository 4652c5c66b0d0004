//! One table, in one run: what the product does beside what the machine can do
//! at all. `tests/bench/run` builds and calls it; `--peers` adds PostgreSQL.
//! Asserts nothing: figures are read by people.

mod disk;
mod echo;
mod figures;

use figures::Figures;

fn main() -> anyhow::Result<()> {
    let mut figures = Figures::default();
    disk::append_limit(&mut figures)?;
    echo::unary_limit(&mut figures)?;
    print!("{figures}");
    Ok(())
}
