using System.Text;

namespace AdaptiveKv.Files;

/// <summary>
/// Recognizes, by its first bytes, what stands where a file of a model was meant to be: a download that did not give the file itself, an archive,
/// a format that is never loaded.
/// </summary>
public static class ForeignFile
{
    private const int LeadBytes = 512;
    private const int TarMagicOffset = 257;
    private const int SafetensorsHeaderOffset = sizeof(ulong);

    /// <summary>What the file is and what to do; null for one that is none of these.</summary>
    public static string? Description(ModelFile file)
    {
        Span<byte> lead = stackalloc byte[LeadBytes];
        lead = lead[..(int)Math.Min(lead.Length, file.Length)];
        file.Read("content", 0, lead);
        return Binary(lead) ?? Text(lead);
    }

    /// <summary>Refuses such a file.</summary>
    /// <exception cref="ModelFormatException">It is one.</exception>
    public static void Refuse(ModelFile file)
    {
        if (Description(file) is string description)
        {
            throw new ModelFormatException(file.Path, "content", 0, description);
        }
    }

    private static string? Binary(ReadOnlySpan<byte> lead) => lead switch
    {
        // A length of a safetensors header may have the bytes of any magic.
        _ when lead.Length > SafetensorsHeaderOffset && lead[SafetensorsHeaderOffset] == '{' && lead.Slice(4, 4).IndexOfAnyExcept((byte)0) < 0 => null,
        [(byte)'P', (byte)'K', 3, 4, ..] => "a ZIP archive (a PyTorch or ML.NET model), which can run code and is never loaded; use GGUF or safetensors",
        [0x80, >= 2 and <= 5, ..] => "a Python pickle, which can run code and is never loaded; use GGUF or safetensors",
        [0x1F, 0x8B, ..] => Packed("gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Packed("zstd"),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Packed("xz"),
        [(byte)'B', (byte)'Z', (byte)'h', ..] => Packed("bzip2"),
        [(byte)'7', (byte)'z', 0xBC, 0xAF, ..] => Packed("7-Zip"),
        [0x04, 0x22, 0x4D, 0x18, ..] => Packed("lz4"),
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', ..] => Packed("RAR"),
        [0x89, (byte)'H', (byte)'D', (byte)'F', ..] => "an HDF5 file (Keras or TensorFlow); use GGUF or safetensors",
        [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] => "a NumPy array; use GGUF or safetensors",
        _ when lead.Length == LeadBytes && lead[TarMagicOffset..].StartsWith("ustar"u8) => Packed("tar"),
        _ when lead.Length == LeadBytes && lead.IndexOfAnyExcept((byte)0) < 0 => "begins with zeros only: the download is unfinished or the disk lost it; download it again",
        _ => null,
    };

    private static string? Text(ReadOnlySpan<byte> lead)
    {
        string text = Encoding.UTF8.GetString(lead).TrimStart('\uFEFF').TrimStart();
        return text switch
        {
            _ when Starts("version https://git-lfs") || Starts("version https://hawser") =>
                "a git-lfs pointer, not the file itself: run 'git lfs pull' in its folder, or download the file itself",
            _ when Starts("<!doctype html") || Starts("<html") || Starts("<head") || Starts("<body") || Starts("<!--") =>
                "an HTML page, not the file itself: the download gave a web page, perhaps a log-in or an error; download it again",
            _ when Starts("<?xml") || Starts("<error") => "an XML page, not the file itself: the download gave an error message; download it again",
            _ when Starts("entry not found") || Starts("invalid username or password") || Starts("access to model") =>
                "an error message of the download, not the file itself; download it again",
            _ => null,
        };

        bool Starts(string beginning) => text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase);
    }

    private static string Packed(string how) => $"packed with {how}; unpack it first";
}
