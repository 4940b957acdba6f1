//! Two themes with colours of their own, for terminals that show 24 bits of them. They bring their own background, so what
//! they look like does not depend on the terminal's colours.

use ratatui::style::{Color, Modifier, Style};

use super::Theme;

/// What the meanings are coloured with; each as `0xRRGGBB`.
struct Palette {
    text: u32,
    ground: u32,
    dim: u32,
    border: u32,
    /// Behind the selected row.
    selected: u32,
    /// Behind that of a pane without the focus.
    selected_elsewhere: u32,
    /// Keys, and what has the focus.
    accent: u32,
    added: u32,
    removed: u32,
    changed: u32,
    warning: u32,
}

const DUSK: Palette = Palette {
    text: 0x00d8_dce3,
    ground: 0x001d_2129,
    dim: 0x00a3_adbc,
    border: 0x0066_7285,
    selected: 0x0034_3d4d,
    selected_elsewhere: 0x0027_2d38,
    accent: 0x007f_c7d6,
    added: 0x009b_cf91,
    removed: 0x00f2_a09b,
    changed: 0x00d0_a6e0,
    warning: 0x00e3_bd7d,
};

const PAPER: Palette = Palette {
    text: 0x002a_2d33,
    ground: 0x00fa_f7f1,
    dim: 0x0056_5c66,
    border: 0x0092_8b7b,
    selected: 0x00e2_dccd,
    selected_elsewhere: 0x00ef_eae0,
    accent: 0x000a_5566,
    added: 0x0025_5c27,
    removed: 0x009f_2620,
    changed: 0x006f_3488,
    warning: 0x0074_4400,
};

impl Theme {
    /// Light letters on a dark ground.
    pub fn dusk() -> Self {
        Self::of(&DUSK)
    }

    /// Dark letters on a light ground.
    pub fn paper() -> Self {
        Self::of(&PAPER)
    }

    /// Every weight and line of [`Theme::monochrome`] stays but the reversed row, which has a ground of its own.
    fn of(palette: &Palette) -> Self {
        let letters = |colour| Style::new().fg(rgb(colour));
        let bold = |colour| letters(colour).add_modifier(Modifier::BOLD);
        let ground = |colour| Style::new().bg(rgb(colour)).add_modifier(Modifier::BOLD);
        Self {
            text: letters(palette.text).bg(rgb(palette.ground)),
            dim: letters(palette.dim),
            title: bold(palette.text),
            title_focused: bold(palette.accent).add_modifier(Modifier::UNDERLINED),
            border: letters(palette.border),
            border_focused: letters(palette.accent),
            selected: ground(palette.selected),
            selected_elsewhere: ground(palette.selected_elsewhere),
            marker: bold(palette.accent),
            key: bold(palette.accent),
            matched: bold(palette.changed).add_modifier(Modifier::UNDERLINED),
            added: letters(palette.added),
            removed: letters(palette.removed),
            changed: letters(palette.changed),
            blocked: bold(palette.removed),
            warning: letters(palette.warning),
            progress: letters(palette.added),
        }
    }
}

fn rgb(colour: u32) -> Color {
    Color::from_u32(colour)
}
