using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Calibration;

public sealed class TransformFileTests : IDisposable
{
    private static readonly CacheShape Shape = new(2, 1, 3, 32);
    private static readonly string Model = new('a', 64);
    private static readonly CalibrationRecord Record = new(Model, new string('b', 64), 2048, 512, ulong.MaxValue, new TransformOptions(BalanceValues: true));

    private static readonly CalibrationRecord Bare = Record with
    {
        Options = new TransformOptions(Center: false, Balance: false), Allocation = new AllocationRecord(new string('d', 64), 1024, 256, 7),
    };

    private readonly TemporaryFolder folder = new();

    private string File => folder["kv-transform.safetensors"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        Write(Numbers(0, -1f), Numbers(1, 0.5f), Numbers(2, 0.25f), Record);

        TransformFile read = TransformFile.Read(File, Shape, Model);

        Assert.Equal(Record, read.Record);
        Assert.Equal(Numbers(0, -1f), read.Transform.Mean);
        Assert.Equal(Numbers(1, 0.5f), read.Transform.Balance);
        Assert.Equal(Numbers(2, 0.25f), read.Transform.ValueBalance);
        Assert.True(read.Transform.Rotates);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(File))), read.Sha256);
    }

    [Fact]
    public void Parts_that_a_transform_lacks_are_left_out()
    {
        CalibrationRecord record = Record with { Options = new TransformOptions(Center: true, Balance: false, Rotate: false) };
        Write(Numbers(0, 1f), null, null, record);

        TransformFile read = TransformFile.Read(File, Shape, Model);

        Assert.Equal(record, read.Record);
        Assert.True(read.Transform.Balance.IsEmpty && read.Transform.ValueBalance.IsEmpty);
        Assert.False(read.Transform.Rotates);
    }

    [Fact]
    public void A_transform_of_another_model_is_refused()
    {
        Write(Numbers(0, 1f), Numbers(1, 1f), null, Record with { Options = new TransformOptions() });

        Refused(Shape, new string('c', 64), "metadata 'model_sha256'", "was made for model aaaaaaaa", "calibrate");
    }

    [Fact]
    public void A_transform_of_another_shape_is_refused()
    {
        Write(Numbers(0, 1f), Numbers(1, 1f), null, Record with { Options = new TransformOptions() });

        Refused(Shape with { Layers = 4 }, Model, "mean", "is F32 [2, 32]; this model's is F32 [4, 32]");
    }

    [Theory]
    [InlineData("\"version\":\"2\"", "\"version\":\"5\"", "metadata 'version'", "use a newer akv")]
    [InlineData("\"version\":\"2\"", "\"version\":\"x\"", "metadata 'version'", "a whole number")]
    [InlineData("akv-kv-transform", "akv-kv-trans4orm", "metadata 'format'", "this is no transform")]
    [InlineData("\"center\":\"true\"", "\"center\":\"yes_\"", "metadata 'center'", "true or false")]
    [InlineData("\"center\":\"true\"", "\"centre\":\"true\"", "metadata 'center'", "is missing")]
    [InlineData("\"balance\":\"true\"", "\"balance\":\"fals\"", "metadata 'balance'", "true or false")]
    [InlineData("\"mean\":{", "\"meen\":{", "mean", "the tensor is missing")]
    [InlineData("\"F32\"", "\"F16\"", "mean", "is F16")]
    [InlineData("\"tokens\":\"2048\"", "\"tokens\":\"-048\"", "metadata 'tokens'", "a whole number")]
    [InlineData("aaaaaaaaaa", "AAAAAAAAAA", "metadata 'model_sha256'", "hex digits")]
    public void A_header_that_says_something_else_is_refused(string part, string other, string field, string problem)
    {
        Write(Numbers(0, 1f), Numbers(1, 1f), null, Record with { Options = new TransformOptions() });
        byte[] content = System.IO.File.ReadAllBytes(File);
        int place = content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(part));
        Encoding.ASCII.GetBytes(other).CopyTo(content.AsSpan(place));
        System.IO.File.WriteAllBytes(File, content);

        Refused(Shape, Model, field, problem);
    }

    [Theory]
    [InlineData(0, float.NaN, "mean", "is NaN in row 1; expected finite numbers")]
    [InlineData(0, float.PositiveInfinity, "mean", "expected finite")]
    [InlineData(1, 0f, "balance", "is 0 in row 1; expected positive finite numbers")]
    [InlineData(1, -2f, "balance", "is -2 in row 1; expected positive")]
    [InlineData(1, float.NaN, "balance", "is NaN in row 1")]
    [InlineData(2, -1f, "value_balance", "is -1 in row 1")]
    public void Numbers_that_no_transform_has_are_refused(int tensor, float value, string field, string problem)
    {
        Write(Numbers(0, 1f), Numbers(1, 1f), Numbers(2, 1f), Record);
        byte[] content = System.IO.File.ReadAllBytes(File);
        int data = sizeof(ulong) + (int)BinaryPrimitives.ReadUInt64LittleEndian(content);
        MemoryMarshal.Cast<byte, float>(content.AsSpan(data))[(tensor * 64) + 40] = value;
        System.IO.File.WriteAllBytes(File, content);

        Refused(Shape, Model, field, problem);
    }

    [Fact]
    public void Bits_by_lane_are_read_back()
    {
        KvTier tier = new(BitWidth.Three, BitWidth.Two);
        KvTier[] lanes = [new(BitWidth.Four, BitWidth.Two), KvTier.Of(BitWidth.Two)];
        Write(null, null, null, Bare, new PrecisionProfile([new(tier, lanes)]));

        TransformFile read = TransformFile.Read(File, Shape, Model);
        Assert.Equal([new(tier, lanes)], read.Profile.Tiers);
        Assert.Equal(Bare, read.Record);
    }

    /// <summary>Files of version 3 have bits by layer.</summary>
    [Fact]
    public void Bits_by_layer_are_those_of_all_heads()
    {
        KvTier tier = new(BitWidth.Three, BitWidth.Two), most = new(BitWidth.Four, BitWidth.Two), least = KvTier.Of(BitWidth.Two);
        Write(null, null, null, Bare, new PrecisionProfile([new(tier, [most, least])]));
        string content = Encoding.Latin1.GetString(System.IO.File.ReadAllBytes(File));
        System.IO.File.WriteAllBytes(File, Encoding.Latin1.GetBytes(content.Replace("\"version\":\"4\"", "\"version\":\"3\"", StringComparison.Ordinal)));

        TransformFile read = TransformFile.Read(File, Shape with { KvHeads = 3 }, Model);

        Assert.Equal([new(tier, [most, most, most, least, least, least])], read.Profile.Tiers);
    }

    [Theory]
    [InlineData("tier.k3v2", "tier.k3v7", 2f, "is no tier")]
    [InlineData("tier.k3v2", "tier.k3v2", 5f, "has 5 bits in lane 0; expected 2, 3, 4 or 8")]
    [InlineData("tier.k3v2", "tier.k3v2", float.NaN, "expected finite numbers")]
    [InlineData("tier.k3v2", "tier.k3v2", 8f, "has 3.5 bits in the mean of its lanes; expected 2.5")]
    [InlineData("tier.k3v2", "tires.k3v", 4f, "a transform has no such tensor")]
    public void Bits_by_lane_that_no_tier_has_are_refused(string part, string other, float bits, string problem)
    {
        Write(null, null, null, Bare, new PrecisionProfile([new(new KvTier(BitWidth.Three, BitWidth.Two), [new(BitWidth.Four, BitWidth.Two), KvTier.Of(BitWidth.Two)])]));
        byte[] content = System.IO.File.ReadAllBytes(File);
        int place = content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(part));
        Encoding.ASCII.GetBytes(other).CopyTo(content.AsSpan(place));
        MemoryMarshal.Cast<byte, float>(content.AsSpan(sizeof(ulong) + (int)BinaryPrimitives.ReadUInt64LittleEndian(content)))[0] = bits;
        System.IO.File.WriteAllBytes(File, content);

        Refused(Shape, Model, other, problem);
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        Write(Numbers(0, 1f), Numbers(1, 1f), null, Record with { Options = new TransformOptions() });
        byte[] content = System.IO.File.ReadAllBytes(File);

        for (int length = 0; length < content.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, content[..length]);
            Assert.Throws<ModelFormatException>(() => TransformFile.Read(File, Shape, Model));
        }
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Equal($"{File}: no such transform file; 'akv calibrate' makes one", Assert.Throws<FileNotFoundException>(() => TransformFile.Read(File, Shape, Model)).Message);

    [Fact]
    public void Nothing_is_left_of_a_file_that_could_not_be_written()
    {
        string taken = Directory.CreateDirectory(folder["taken"]).FullName;

        Assert.ThrowsAny<SystemException>(() => TransformFile.Write(taken, new KvTransform(Shape, rotate: true), PrecisionProfile.Uniform, Shape, Record));
        Assert.Equal([taken], Directory.GetFileSystemEntries(folder.Path));
    }

    private static float[] Numbers(int seed, float sign) => [.. Enumerable.Range(0, 64).Select(i => sign * (1 + (0.01f * i) + seed))];

    private void Write(float[]? mean, float[]? balance, float[]? values, CalibrationRecord record, PrecisionProfile? profile = null) =>
        TransformFile.Write(File, new KvTransform(Shape, record.Options.Rotate, mean, balance, values), profile ?? PrecisionProfile.Uniform, Shape, record);

    private void Refused(CacheShape shape, string model, string field, params string[] problems)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => TransformFile.Read(File, shape, model));
        Assert.Equal(field, error.Field);
        Assert.All(problems, problem => Assert.Contains(problem, error.Message, StringComparison.Ordinal));
    }
}
