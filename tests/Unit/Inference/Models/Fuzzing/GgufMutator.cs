using System.Buffers.Binary;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>
/// Makes wrong files from a right one: fields at their limits, other types, blocks dropped, doubled and spliced, flipped bits.
/// </summary>
internal sealed class GgufMutator(byte[] original)
{
    private readonly IReadOnlyList<GgufField> fields = GgufFields.Of(original);

    public byte[] Mutate(Random random)
    {
        byte[] file = (byte[])original.Clone();
        do
        {
            file = Step(random, file);
        }
        while (random.Next(3) == 0);
        return file;
    }

    private byte[] Step(Random random, byte[] file) => random.Next(10) switch
    {
        0 or 1 => Set(
            random,
            file,
            GgufFieldKind.Count,
            GgufFieldKind.Length,
            (value, bytes) => Mutation.Boundary(random, value, (ulong)file.Length, bytes)),
        2 => Set(random, file, GgufFieldKind.Count, GgufFieldKind.Length, (value, _) => random.Next(2) == 0 ? value + 1 : value - 1),
        3 => Set(random, file, GgufFieldKind.Type, GgufFieldKind.Type, (_, _) => (ulong)random.Next(42)),
        4 => Set(
            random,
            file,
            GgufFieldKind.Value,
            GgufFieldKind.Value,
            (value, bytes) => Mutation.Boundary(random, value, (ulong)file.Length, bytes)),
        5 => Mutation.FlipBits(random, file, random.Next(8) == 0 ? file.Length : HeaderEnd),
        6 => Drop(random, file),
        7 => Duplicate(random, file),
        8 => Text(random, file),
        _ => Mutation.SpliceOrCut(random, file, HeaderEnd),
    };

    private int HeaderEnd => fields[^1].Start + fields[^1].Bytes;

    private GgufField Pick(Random random, GgufFieldKind kind, GgufFieldKind otherKind)
    {
        while (true)
        {
            GgufField field = fields[random.Next(fields.Count)];
            if (field.Kind == kind || field.Kind == otherKind)
            {
                return field;
            }
        }
    }

    private byte[] Set(Random random, byte[] file, GgufFieldKind kind, GgufFieldKind otherKind, Func<ulong, int, ulong> change)
    {
        GgufField field = Pick(random, kind, otherKind);
        if (field.Start + field.Bytes > file.Length)
        {
            return file;
        }

        Span<byte> number = stackalloc byte[8];
        number.Clear();
        file.AsSpan(field.Start, field.Bytes).CopyTo(number);
        BinaryPrimitives.WriteUInt64LittleEndian(number, change(BinaryPrimitives.ReadUInt64LittleEndian(number), field.Bytes));
        number[..field.Bytes].CopyTo(file.AsSpan(field.Start));
        return file;
    }

    private byte[] Drop(Random random, byte[] file)
    {
        GgufField field = random.Next(4) == 0 ? fields[random.Next(fields.Count)] : Pick(random, GgufFieldKind.Pair, GgufFieldKind.Tensor);
        AdjustCount(random, file, field, -1);
        return Mutation.Replace(file, field.Start, field.Bytes, []);
    }

    private byte[] Duplicate(Random random, byte[] file)
    {
        GgufField field = random.Next(4) == 0 ? fields[random.Next(fields.Count)] : Pick(random, GgufFieldKind.Pair, GgufFieldKind.Tensor);
        AdjustCount(random, file, field, 1);
        return Mutation.Replace(
            file,
            field.Start,
            0,
            file.AsSpan(Math.Min(field.Start, file.Length), Math.Min(field.Bytes, Math.Max(0, file.Length - field.Start))));
    }

    /// <summary>Half of the files keep the wrong count, the other half are consistent and get further.</summary>
    private static void AdjustCount(Random random, byte[] file, GgufField field, int by)
    {
        int at = field.Kind == GgufFieldKind.Pair ? 16 : 8;
        if (field.Kind is GgufFieldKind.Pair or GgufFieldKind.Tensor && random.Next(2) == 0 && file.Length > at + 8)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at)) + by);
        }
    }

    private byte[] Text(Random random, byte[] file)
    {
        GgufField field = Pick(random, GgufFieldKind.Text, GgufFieldKind.Text);
        int at = field.Start + random.Next(Math.Max(1, field.Bytes));
        if (at < file.Length)
        {
            file[at] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
        }

        return file;
    }
}
