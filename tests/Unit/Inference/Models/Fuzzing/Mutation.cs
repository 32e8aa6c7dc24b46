namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Mutations that know bytes and numbers but no format.</summary>
internal static class Mutation
{
    /// <summary>A value at which arithmetic or a comparison may go wrong.</summary>
    /// <param name="random">Chooses.</param>
    /// <param name="value">The right value.</param>
    /// <param name="fileLength">Length of the file.</param>
    /// <param name="bytes">Width of the field.</param>
    public static ulong Boundary(Random random, ulong value, ulong fileLength, int bytes) => random.Next(14) switch
    {
        0 => 0,
        1 => 1,
        2 => ulong.MaxValue,
        3 => ulong.MaxValue - (ulong)random.Next(64),
        4 => 1ul << ((bytes * 8) - 1),
        5 => (1ul << ((bytes * 8) - 1)) - 1,
        6 => 1ul << 31,
        7 => (1ul << 32) + value,
        8 => 1ul << random.Next(64),
        9 => fileLength - (ulong)random.Next(64),
        10 => value * 2,
        11 => value / 2,
        12 => 0x7FC0_0000,
        _ => (ulong)random.NextInt64(),
    };

    public static byte[] FlipBits(Random random, byte[] file, int end)
    {
        for (int flips = 1 << random.Next(4); flips > 0 && file.Length > 0; flips--)
        {
            file[random.Next(Math.Clamp(end, 1, file.Length))] ^= (byte)(1 << random.Next(8));
        }

        return file;
    }

    /// <summary>Cuts the file, adds to it, or puts one part of it over or before another.</summary>
    public static byte[] SpliceOrCut(Random random, byte[] file, int end)
    {
        if (file.Length < 2)
        {
            return file;
        }

        end = Math.Clamp(end, 1, file.Length);
        int from = random.Next(end);
        int count = Math.Min(1 + random.Next(64), file.Length - from);
        int to = random.Next(end);
        return random.Next(4) switch
        {
            0 => file[..random.Next(file.Length)],
            1 => [.. file, .. new byte[random.Next(64)]],
            2 => Replace(file, to, count, file.AsSpan(from, count)),
            _ => Replace(file, to, 0, file.AsSpan(from, count)),
        };
    }

    /// <summary>Puts <paramref name="inserted"/> in the place of <paramref name="count"/> bytes.</summary>
    public static byte[] Replace(byte[] file, int start, int count, ReadOnlySpan<byte> inserted)
    {
        start = Math.Min(start, file.Length);
        count = Math.Min(count, file.Length - start);
        return [.. file.AsSpan(0, start), .. inserted, .. file.AsSpan(start + count)];
    }
}
