//! An image, to be built with any defect.

/// The parts of an image. They agree with each other until a test changes one.
#[derive(Clone, Debug)]
pub struct Image {
    pub magic: u32,
    pub major: u32,
    pub minor: u32,
    pub table_start: u32,
    pub num: u32,
    pub code_start: u32,
    pub code_size: u32,
    pub entries: Vec<i32>,
    pub code: Vec<u8>,
}

impl Image {
    /// A sound image without scripts: a header, a table of `num` entries, and so many words of code for 0x1800.
    pub fn new(major: u32, num: u32, code_words: u32) -> Self {
        let mut entries = vec![-1; num as usize];
        if let Some(load_address) = entries.get_mut(34) {
            *load_address = 0x1800;
        }
        Self {
            magic: 0x414D_4453,
            major,
            minor: 1,
            table_start: 28,
            num,
            code_start: 28 + 4 * num,
            code_size: 2 * code_words,
            entries,
            code: vec![0; 2 * code_words as usize],
        }
    }

    /// With entries of the table, by their place.
    pub fn with(mut self, entries: &[(usize, i32)]) -> Self {
        for (index, address) in entries {
            self.entries[*index] = *address;
        }
        self
    }

    pub fn header(&self) -> Vec<u8> {
        [self.magic, self.major, self.minor, self.table_start, self.num, self.code_start, self.code_size]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect()
    }

    pub fn table(&self) -> Vec<u8> {
        self.entries.iter().flat_map(|entry| entry.to_le_bytes()).collect()
    }

    /// Header, table, code.
    pub fn bytes(&self) -> Vec<u8> {
        [self.header(), self.table(), self.code.clone()].concat()
    }

    /// Header, code, as much as the table's alignment takes, table; the places in the header follow.
    pub fn code_first(mut self) -> Vec<u8> {
        self.code.resize(self.code.len().next_multiple_of(4), 0);
        self.code_start = 28;
        self.table_start = 28 + self.code.len() as u32;
        [self.header(), self.code.clone(), self.table()].concat()
    }
}
