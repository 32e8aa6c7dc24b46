using AdaptiveKv.Data;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Unit.Data;

/// <summary>A damaged file is one clear error or reads as another file would; it never ends the process, which native code could.</summary>
public sealed class DamagedTableTests : IDisposable
{
    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "0 bytes are no Parquet file")]
    [InlineData("PAR1PAR1", "8 bytes are no Parquet file")]
    [InlineData("PK..a zip archive with a model", "not a Parquet file: it starts with 504B2E2E")]
    [InlineData("PAR1 something that was cut off here", "cut off: it ends with 68657265")]
    [InlineData("PAR1xxxxxxxxxxxxPAR1", "its footer claims 2021161080 of 20 bytes")]
    [InlineData("PAR1xxxx\u0004\0\0\0PAR1", "damaged")]
    public void AFileThatIsNoParquetIsNamed(string content, string fault)
    {
        File.WriteAllText(folder["x.parquet"], content);

        string message = Assert.Throws<InvalidDataException>(() => Table.Open(folder["x.parquet"])).Message;
        Assert.StartsWith(folder["x.parquet"], message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public void AFooterThatNestsOrCountsWithoutEndIsNamed(int depth)
    {
        // A field of lists of lists, and a list of two thousand million elements.
        foreach (byte[] footer in (byte[][])[[0xF9, .. Enumerable.Repeat((byte)0x19, depth)], [.. Enumerable.Repeat((byte)0x1C, depth)], [0xF9, 0xF3, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0]])
        {
            File.WriteAllBytes(folder["x.parquet"], [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Length), .. "PAR1"u8]);

            Assert.StartsWith($"{folder["x.parquet"]}: damaged", Assert.Throws<InvalidDataException>(() => Table.Open(folder["x.parquet"])).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0x19, 100)]
    [InlineData(0x19, 1_000_000)]
    [InlineData(0x1C, 1_000_000)]
    [InlineData(0xF3, 8)]
    public void APageThatNestsOrCountsWithoutEndIsNamed(byte value, int count)
    {
        byte[] whole = File.ReadAllBytes(folder.WriteTokens("tokens.parquet", 70_000));
        // The first page begins behind the four bytes of the file's mark.
        whole.AsSpan(4, Math.Min(count, whole.Length / 2)).Fill(value);
        whole[4] = 0xF9;
        File.WriteAllBytes(folder["tokens.parquet"], whole);

        Assert.StartsWith($"{folder["tokens.parquet"]}: damaged", Assert.Throws<InvalidDataException>(() => Table.Open(folder["tokens.parquet"]).All().Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        Assert.EndsWith("absent.parquet: no such file", Assert.Throws<FileNotFoundException>(() => Table.Open(folder["absent.parquet"])).Message, StringComparison.Ordinal);
        Assert.Contains("a folder", Assert.Throws<FileNotFoundException>(() => Table.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryPrefixIsRefused()
    {
        byte[] whole = File.ReadAllBytes(folder.WriteTokens("tokens.parquet", 300));
        for (int length = 0; length < whole.Length; length += 97)
        {
            File.WriteAllBytes(folder["cut.parquet"], whole[..length]);
            Assert.Throws<InvalidDataException>(() => Table.Open(folder["cut.parquet"]));
        }
    }

    [Fact]
    public void MutantsNeverEndTheProcess()
    {
        const int Mutants = 100;
        byte[] whole = File.ReadAllBytes(folder.WriteTokens("tokens.parquet", 300));
        int refused = Enumerable.Range(0, Mutants).Count(seed => IsRefused(Mutate(whole, new Random(seed))));

        Assert.InRange(refused, Mutants / 4, Mutants);
    }

    [Fact]
    public void DamageBehindTheFirstRowGroupIsFoundWhenItIsReached()
    {
        byte[] content = File.ReadAllBytes(folder.WriteTokens("tokens.parquet", 100_000));
        // In the second group, the last third of the file, and longer than a page: numbers alone have no sum that a reader could check.
        content.AsSpan(content.Length * 2 / 3, 200_000).Clear();
        File.WriteAllBytes(folder["tokens.parquet"], content);

        TableReader reader = TableReader.Open(folder["tokens.parquet"], TokenTable.Schema);
        long rows = 0;
        Assert.Throws<InvalidDataException>(() =>
        {
            foreach (TableBatch batch in reader.Read())
            {
                rows += batch.Rows;
            }
        });
        Assert.InRange(rows, 0, 99_999);
    }

    private bool IsRefused(byte[] content)
    {
        TableEngine.Require();
        string path = folder["mutant.parquet"];
        File.WriteAllBytes(path, content);
        try
        {
            TableReader reader = TableReader.Open(path, TokenTable.Schema);
            Assert.Equal(reader.Metadata.Rows, reader.Read().Sum(batch => batch.Rows));
            Table table = Table.Open(path);
            table.Describe();
            return false;
        }
        catch (InvalidDataException exception)
        {
            Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(exception.Message, char.IsControl);
            return true;
        }
    }

    // Half of the changes hit the footer, where the structure is.
    internal static byte[] Mutate(byte[] original, Random random)
    {
        byte[] content = [.. original];
        int footer = BitConverter.ToInt32(content, content.Length - 8);
        for (int i = random.Next(3); i >= 0; i--)
        {
            int position = random.Next(2) == 0 ? content.Length - 8 - random.Next(footer) : random.Next(content.Length);
            int length = Math.Min(1 + random.Next(16), content.Length - position);
            switch (random.Next(4))
            {
                case 0:
                    content[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[position] = 0xFF;
                    break;
                case 2:
                    random.NextBytes(content.AsSpan(position, length));
                    break;
                default:
                    content = [.. content.AsSpan(0, position), .. content.AsSpan(position + length)];
                    break;
            }
        }

        return content;
    }
}
