using System.Text;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Makes wrong safetensors files from a right one: another header, its length, and bits of the data.</summary>
internal sealed class SafetensorsMutator
{
    private readonly JsonMutator header;
    private readonly byte[] data;

    public SafetensorsMutator(byte[] whole)
    {
        int bytes = BitConverter.ToInt32(whole);
        header = new JsonMutator(Encoding.UTF8.GetString(whole, 8, bytes));
        data = whole[(8 + bytes)..];
    }

    public byte[] Mutate(Random random)
    {
        byte[] text = header.Mutate(random);
        ulong length = random.Next(8) == 0 ? Mutation.Boundary(random, (ulong)text.Length, (ulong)data.Length, 8) : (ulong)text.Length;
        byte[] content = random.Next(4) == 0 ? Mutation.FlipBits(random, [.. data], data.Length) : data;
        return [.. BitConverter.GetBytes(length), .. text, .. content];
    }
}
