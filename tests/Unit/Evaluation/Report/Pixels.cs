using System.Buffers.Binary;
using System.IO.Compression;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>The pixels of a PNG file of 8 bits per channel, as browsers write their screenshots (ISO/IEC 15948).</summary>
internal sealed class Pixels
{
    private readonly byte[] data;
    private readonly int channels;

    private Pixels(int width, int height, int channels, byte[] data) => (Width, Height, this.channels, this.data) = (width, height, channels, data);

    public int Width { get; }

    public int Height { get; }

    /// <summary>Different colours in it.</summary>
    public int Colors => All().Distinct().Count();

    public static Pixels Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        (int width, int height) = (Big(file, 16), Big(file, 20));
        int channels = file[25] == 6 ? 4 : 3;
        using MemoryStream packed = new();
        for (int at = 8; at < file.Length; at += Big(file, at) + 12)
        {
            if (file.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                packed.Write(file, at + 8, Big(file, at));
            }
        }

        packed.Position = 0;
        using ZLibStream unpacked = new(packed, CompressionMode.Decompress);
        byte[] data = new byte[width * height * channels];
        byte[] filter = new byte[1];
        for (int row = 0; row < height; row++)
        {
            unpacked.ReadExactly(filter);
            Span<byte> line = data.AsSpan(row * width * channels, width * channels);
            unpacked.ReadExactly(line);
            Unfilter(filter[0], line, row == 0 ? new byte[line.Length] : data.AsSpan((row - 1) * line.Length, line.Length), channels);
        }

        return new Pixels(width, height, channels, data);
    }

    public (byte Red, byte Green, byte Blue, int Brightness) At(int x, int y)
    {
        ReadOnlySpan<byte> pixel = data.AsSpan(((y * Width) + x) * channels, 3);
        return (pixel[0], pixel[1], pixel[2], (pixel[0] + pixel[1] + pixel[2]) / 3);
    }

    /// <summary>The share of pixels that are not of a colour.</summary>
    public double ShareUnlike((byte Red, byte Green, byte Blue, int Brightness) color)
    {
        int wanted = (color.Red << 16) | (color.Green << 8) | color.Blue;
        return All().Count(other => other != wanted) / (double)(Width * Height);
    }

    private static int Big(byte[] file, int at) => BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));

    private static void Unfilter(byte filter, Span<byte> line, ReadOnlySpan<byte> above, int channels)
    {
        for (int i = 0; i < line.Length; i++)
        {
            int left = i >= channels ? line[i - channels] : 0;
            int corner = i >= channels ? above[i - channels] : 0;
            line[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => above[i], 3 => (left + above[i]) / 2, _ => Paeth(left, above[i], corner) });
        }
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        (int a, int b, int c) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return a <= b && a <= c ? left : b <= c ? above : corner;
    }

    private IEnumerable<int> All()
    {
        for (int at = 0; at < data.Length; at += channels)
        {
            yield return (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
        }
    }
}
