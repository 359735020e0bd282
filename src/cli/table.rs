use comfy_table::{ContentArrangement, Table, presets};

/// A plain table: a head and rows, no lines but one under the head.
pub fn table(head: &[&str], rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.to_vec());
    for row in rows {
        table.add_row(row);
    }
    table
}
